"""What the pages show: plotly charts, drawings of molecules, a 3-D view, rounded numbers, a CSV.

Everything here returns plain objects (a figure, an SVG, HTML, a table) and knows no web framework.
Text inside them is data, never markup: names are escaped before they reach plotly, and the 3-D view
is fed only coordinates computed here.
"""

from core.figures.drawings import NoGeometryError, ion_svg, viewer_html
from core.figures.files import safe_csv, significant
from core.figures.ionic_liquids import (
    Axis,
    Line,
    Scale,
    curve_figure,
    export_table,
    near_pressure,
    near_temperature,
    on_axes,
)
from core.figures.lessons import (
    Rung,
    chi_diagram,
    free_energy_figure,
    ladder_figure,
    series_figure,
)
from core.figures.maps import Cut, Mark, entry_label, molecule_map, quantity_text
from core.figures.metrics import (
    calibration_figure,
    learning_curves,
    metric_figure,
    parity_figure,
)
from core.figures.polymer_solvent import (
    ChiLine,
    Cloud,
    Composition,
    Highlight,
    PhaseLine,
    Verdicts,
    chi_curve,
    chi_text,
    generalised_sphere,
    hansen_spheres,
    miscibility_table,
    phase_diagram,
    points_between,
    solubility_space,
    sorted_by_hansen,
)
from core.figures.screening import (
    Spots,
    family_figure,
    number_label,
    number_unit,
    screen_figure,
)
from core.figures.shortlist import hansen_plane, solvent_plot
from core.figures.style import MAX_LINES, colours, percent, rounded, written

__all__ = [
    "MAX_LINES",
    "Axis",
    "ChiLine",
    "Cloud",
    "Composition",
    "Cut",
    "Highlight",
    "Line",
    "Mark",
    "NoGeometryError",
    "PhaseLine",
    "Rung",
    "Scale",
    "Spots",
    "Verdicts",
    "calibration_figure",
    "chi_curve",
    "chi_diagram",
    "chi_text",
    "colours",
    "curve_figure",
    "entry_label",
    "export_table",
    "family_figure",
    "free_energy_figure",
    "generalised_sphere",
    "hansen_plane",
    "hansen_spheres",
    "ion_svg",
    "ladder_figure",
    "learning_curves",
    "metric_figure",
    "miscibility_table",
    "molecule_map",
    "near_pressure",
    "near_temperature",
    "number_label",
    "number_unit",
    "on_axes",
    "parity_figure",
    "percent",
    "phase_diagram",
    "points_between",
    "quantity_text",
    "rounded",
    "safe_csv",
    "screen_figure",
    "series_figure",
    "significant",
    "solubility_space",
    "solvent_plot",
    "sorted_by_hansen",
    "viewer_html",
    "written",
]
