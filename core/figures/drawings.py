"""Drawings of molecules: 2-D as SVG, and a 3-D view as a page of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
import py3Dmol
from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers, rdMolTransforms
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point3D

__all__ = ["NoGeometryError", "ion_svg", "viewer_html"]

MAX_3D_ATOMS: Final = 120
EMBED_SECONDS: Final = 5


class NoGeometryError(ValueError):
    """A 3-D geometry could not be made; the message says why."""


def ion_svg(smiles: str, *, width: int = 280, height: int = 190, dark: bool = False) -> str:
    """Draw an ion as SVG on a transparent ground, no larger than it needs.

    Args:
        smiles: canonical SMILES of one ion, as :mod:`core.chemistry` returns it.
        width: most pixels across; larger ions are scaled down.
        height: most pixels down.
        dark: colours for a dark page.

    Raises:
        ValueError: if ``smiles`` is not a structure.
    """
    molecule = rdMolDraw2D.PrepareMolForDrawing(_molecule(smiles))
    natural = _draw(molecule, -1, -1, dark=dark)  # as large as its bonds ask for
    scale = min(width / natural.Width(), height / natural.Height())
    if scale < 1.0:
        size = (math.ceil(scale * side) for side in (natural.Width(), natural.Height()))
        natural = _draw(molecule, *size, dark=dark)
    text: str = natural.GetDrawingText()
    return text[text.index("<svg") :]  # the element alone, without the XML declaration


def _draw(molecule: Chem.Mol, width: int, height: int, *, dark: bool) -> rdMolDraw2D.MolDraw2DSVG:
    drawer = rdMolDraw2D.MolDraw2DSVG(width, height)
    options = drawer.drawOptions()
    if dark:
        rdMolDraw2D.SetDarkMode(options)
    options.clearBackground = False
    options.scalingFactor = 26.0  # one bond length for all, in pixels
    options.fixedBondLength = 26.0
    options.bondLineWidth = 1.6
    options.padding = 0.06
    drawer.DrawMolecule(molecule)
    drawer.FinishDrawing()
    return drawer


def viewer_html(
    smiles: Iterable[str], *, script: str, height: int = 300, dark: bool = False
) -> str:
    """Return a page with a rotatable 3-D view of the ions, each on its own, side by side.

    The geometries are single conformers (ETKDG, doi:10.1021/acs.jcim.0c00025) relaxed in a force
    field; their mutual position is only for the eye.

    Args:
        smiles: canonical SMILES, one per ion.
        script: address of ``3Dmol-min.js``; nothing else is loaded.
        height: pixels.
        dark: colours for a dark page.

    Raises:
        NoGeometryError: if an ion is too large, or has no geometry within five seconds.
    """
    view = py3Dmol.view(width="100%", height=height, js=script)
    below = 0.0
    for text in smiles:
        # Made from the canonical SMILES, so the block has no name and no property of the user's.
        block, extent = _mol_block(text, below)
        below -= extent
        view.addModel(block, "sdf")
    carbon = "#9fb2b9" if dark else "#5c6f76"
    view.setStyle(
        {"stick": {"radius": 0.13}, "sphere": {"scale": 0.23}},
    )
    view.setStyle(
        {"elem": "C"},
        {
            "stick": {"radius": 0.13, "color": carbon},
            "sphere": {"scale": 0.23, "color": carbon},
        },
    )
    view.setBackgroundColor("#10181b" if dark else "#fdfefe", 0.0)
    view.zoomTo()
    view.render()
    html: str = view.write_html()
    # The viewer's number is the time; without it equal ions give equal pages, so nothing reloads.
    html = html.replace(view.uniqueid, "0")
    return f"<style>body{{margin:0;overflow:hidden}}</style>{html}"


def _molecule(smiles: str) -> Chem.Mol:
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise ValueError("not a SMILES")
    return molecule


def _mol_block(smiles: str, below: float) -> tuple[str, float]:
    """Embed an ion, long axis along x, its top at height ``below``; also return the height used."""
    molecule = Chem.AddHs(_molecule(smiles))
    if molecule.GetNumHeavyAtoms() > MAX_3D_ATOMS:
        raise NoGeometryError(f"The 3-D view is for ions of up to {MAX_3D_ATOMS} heavy atoms.")
    parameters = rdDistGeom.ETKDGv3()
    parameters.randomSeed = 7
    parameters.timeout = EMBED_SECONDS
    with rdBase.BlockLogs():
        try:
            found = rdDistGeom.EmbedMolecule(molecule, parameters) == 0
            if found and rdForceFieldHelpers.MMFFHasAllMoleculeParams(molecule):
                rdForceFieldHelpers.MMFFOptimizeMolecule(molecule, maxIters=200)
            elif found and rdForceFieldHelpers.UFFHasAllMoleculeParams(molecule):
                rdForceFieldHelpers.UFFOptimizeMolecule(molecule, maxIters=200)
        except (RuntimeError, ValueError):  # bonds that no ruler could make, as in odd cages
            found = False
    if not found:
        raise NoGeometryError(f"No 3-D geometry of this ion was found within {EMBED_SECONDS} s.")
    conformer = molecule.GetConformer()
    rdMolTransforms.CanonicalizeConformer(conformer)
    places = np.asarray(conformer.GetPositions())
    shift = below - float(places[:, 1].max())
    for index, (x, y, z) in enumerate(places):
        conformer.SetAtomPosition(index, Point3D(float(x), float(y) + shift, float(z)))
    return Chem.MolToMolBlock(molecule), float(np.ptp(places[:, 1])) + 3.5
