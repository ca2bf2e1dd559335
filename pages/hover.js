// Shows the drawing of the molecule under the pointer, beside the label of a plotly chart. A drawing
// is asked for when the pointer rests, and kept; it is shown as an image, so nothing in it can run.

const WAIT = 120; // milliseconds of rest before the server is asked
const KEPT = 300; // drawings
const EDGE = 8; // pixels to the edge of the window, and between label and drawing

class Hover {
  constructor(root) {
    this.card = root.querySelector(".card");
    this.image = root.querySelector("img");
    this.drawings = new Map();
    this.smiles = "";
    this.show = (event) => this.enter(event);
    this.hide = () => this.leave();
    this.find = (event) => this.attach(event);
    document.addEventListener("pointerover", this.find);
  }

  update({ data, setStateValue }) {
    this.selector = `.st-key-${data.chart} .js-plotly-plot`;
    this.ask = (smiles) => setStateValue("asked", smiles);
    if (data.dark !== this.dark) this.drawings.clear();
    this.dark = data.dark;
    if (data.smiles) {
      if (this.drawings.size >= KEPT) this.drawings.delete(this.drawings.keys().next().value);
      this.drawings.set(data.smiles, data);
      if (data.smiles === this.smiles) this.draw();
    }
  }

  // A chart may be made anew at any time: its events are taken whenever the pointer comes to it.
  attach(event) {
    const chart = event.pointerType === "mouse" && event.target.closest?.(this.selector);
    if (!chart?.on) return;
    this.detach();
    this.chart = chart;
    chart.on("plotly_hover", this.show);
    chart.on("plotly_unhover", this.hide);
  }

  detach() {
    this.chart?.removeListener?.("plotly_hover", this.show);
    this.chart?.removeListener?.("plotly_unhover", this.hide);
  }

  enter({ points }) {
    const found = points[0]?.customdata;
    const smiles = Array.isArray(found) ? found[0] : found;
    if (!smiles || smiles === this.smiles) return;
    this.leave();
    this.smiles = smiles;
    if (this.drawings.has(smiles)) requestAnimationFrame(() => this.draw());
    else this.timer = setTimeout(() => this.ask(smiles), WAIT);
  }

  leave() {
    clearTimeout(this.timer);
    this.smiles = "";
    this.card.hidden = true;
  }

  draw() {
    const drawing = this.drawings.get(this.smiles);
    const label = this.chart?.querySelector(".hoverlayer .hovertext")?.getBoundingClientRect();
    if (!drawing || !label) return;
    this.image.src = `data:image/svg+xml,${encodeURIComponent(drawing.svg)}`;
    this.image.alt = `Structure of ${drawing.label}`;
    this.card.dataset.smiles = drawing.smiles;
    this.card.hidden = false;
    const { width, height } = this.card.getBoundingClientRect();
    const left = Math.min(label.left, window.innerWidth - width - EDGE);
    const below = label.bottom + EDGE;
    const fits = below + height + EDGE <= window.innerHeight;
    this.card.style.left = `${Math.max(EDGE, left)}px`;
    this.card.style.top = `${fits ? below : Math.max(EDGE, label.top - EDGE - height)}px`;
  }

  remove() {
    this.leave();
    this.detach();
    document.removeEventListener("pointerover", this.find);
  }
}

const mounted = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!mounted.has(root)) mounted.set(root, new Hover(root));
  mounted.get(root).update(component);
  return () => {
    mounted.get(root)?.remove();
    mounted.delete(root);
  };
}
