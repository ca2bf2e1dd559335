// Saves a figure as SVG or PNG, without a network: plotly itself is at work in every chart of the
// page, and its own button "Download plot" is pressed while the chart holds the figure to be saved.

const BUTTON = '.modebar-btn[data-title^="Download plot"]';

// The link by which the browser saves a file is clicked outside of the popover, which would close it.
function shield() {
  const caught = (event) => {
    if (!event.target.matches?.("a[download]")) return;
    event.stopPropagation();
    window.removeEventListener("click", caught, true);
  };
  window.addEventListener("click", caught, true);
}

function save(format, { figure, file, width, height }) {
  const chart = [...document.querySelectorAll(".js-plotly-plot")].find((one) =>
    one.querySelector(BUTTON)
  );
  if (!chart) return false;
  const { data, layout } = chart;
  const options = chart._context.toImageButtonOptions;
  const wanted = JSON.parse(figure);
  const scale = format === "png" ? 3 : 1; // 300 dpi at half the width of a page
  shield();
  try {
    // Plotly copies what it draws before it returns, so the chart on the page stays as it is.
    chart.data = wanted.data;
    chart.layout = wanted.layout;
    chart._context.toImageButtonOptions = { format, filename: file, width, height, scale };
    chart.querySelector(BUTTON).dispatchEvent(new MouseEvent("click", { bubbles: false }));
  } finally {
    chart.data = data;
    chart.layout = layout;
    chart._context.toImageButtonOptions = options;
  }
  return true;
}

export default function ({ parentElement, data }) {
  const said = parentElement.querySelector("[role=status]");
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => {
      const done = save(button.dataset.format, data);
      said.textContent = done ? "" : "Wait until a chart is drawn, then try again.";
    };
  }
}
