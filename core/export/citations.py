"""What to cite for what is shown, as BibTeX.

The entries are those of README and ``core/tables/README.md``. Where only family names are given
there, only these stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

from core import __version__
from core.export.provenance import Origin

__all__ = ["Work", "bibtex"]

Work = Literal[
    "ionic liquids",
    "miscibility",
    "measured ionic liquids",
    "measured chi",
    "simulation",
    "Hansen parameters",
    "Flory-Huggins",
    "greenness",
    "blends",
]

_WORKS: Final[Mapping[Work, str]] = MappingProxyType(
    {
        "ionic liquids": r"""@misc{sethi2025recommender,
  author = {Sethi and Sundmacher and Ganzer},
  title = {A neural recommender system leveraging transfer learning for property prediction of
    ionic liquids},
  year = {2025},
  eprint = {2509.10273},
  archivePrefix = {arXiv},
}""",
        "miscibility": r"""@article{aoki2023multitask,
  author = {Aoki and Wu and others},
  title = {Multitask Machine Learning to Predict Polymer-Solvent Miscibility Using
    {Flory-Huggins} Interaction Parameters},
  journal = {Macromolecules},
  volume = {56},
  year = {2023},
  doi = {10.1021/acs.macromol.2c02600},
}""",
        "measured ionic liquids": r"""@article{dong2007ilthermo,
  author = {Dong, Q. and Muzny, C. D. and Kazakov, A. and Diky, V. and Magee, J. W. and
    Widegren, J. A. and Chirico, R. D. and Marsh, K. N. and Frenkel, M.},
  title = {{ILThermo}: a free-access web database for thermodynamic properties of ionic liquids},
  journal = {J. Chem. Eng. Data},
  volume = {52},
  pages = {1151--1159},
  year = {2007},
  doi = {10.1021/je700171f},
}""",
        "measured chi": r"""@article{nistane2022estimation,
  author = {Nistane, J. and Chen, L. and Lee, Y. and Lively, R. and Ramprasad, R.},
  title = {Estimation of the {Flory-Huggins} interaction parameter of polymer-solvent mixtures
    using machine learning},
  journal = {MRS Communications},
  year = {2022},
  doi = {10.1557/s43579-022-00237-x},
}""",
        "simulation": r"""@article{gerlach2022opencosmors,
  author = {Gerlach, T. and M{\"u}ller, S. and de Castilla, A. G. and Smirnova, I.},
  title = {An open source {COSMO-RS} implementation and parameterization supporting the efficient
    implementation of multiple segment descriptors},
  journal = {Fluid Phase Equilib.},
  volume = {560},
  pages = {113472},
  year = {2022},
  doi = {10.1016/j.fluid.2022.113472},
}""",
        "Hansen parameters": r"""@book{hansen2007parameters,
  author = {Hansen, C. M.},
  title = {Hansen Solubility Parameters: A User's Handbook},
  edition = {2nd},
  publisher = {CRC Press},
  year = {2007},
  doi = {10.1201/9781420006834},
}""",
        "Flory-Huggins": r"""@article{flory1942thermodynamics,
  author = {Flory, P. J.},
  title = {Thermodynamics of High Polymer Solutions},
  journal = {J. Chem. Phys.},
  volume = {10},
  pages = {51},
  year = {1942},
  doi = {10.1063/1.1723621},
}""",
        "greenness": r"""@article{prat2016chem21,
  author = {Prat, D. and Wells, A. and Hayler, J. and Sneddon, H. and McElroy, C. R. and
    Abou-Shehada, S. and Dunn, P. J.},
  title = {{CHEM21} selection guide of classical- and less classical-solvents},
  journal = {Green Chem.},
  volume = {18},
  pages = {288--296},
  year = {2016},
  doi = {10.1039/C5GC01008J},
}""",
        "blends": r"""@article{scott1949thermodynamics,
  author = {Scott, R. L.},
  title = {The Thermodynamics of High Polymer Solutions. {IV}},
  journal = {J. Chem. Phys.},
  volume = {17},
  pages = {268},
  year = {1949},
  doi = {10.1063/1.1747238},
}""",
    }
)


def bibtex(works: Iterable[Work], origin: Origin) -> str:
    """Entries for Solvarium with its model, then for the works, each once, in a fixed order."""
    wanted = set(works)
    model = f"Model {origin.model} of {origin.created[:10]}" if origin.model else "Equations alone"
    own = rf"""@software{{solvarium,
  author = {{{{The Solvarium authors}}}},
  title = {{Solvarium}},
  version = {{{__version__}}},
  year = {{{(origin.created or origin.predicted)[:4]}}},
  note = {{{model}}},
}}"""
    return "\n\n".join([own, *(_WORKS[work] for work in get_args(Work) if work in wanted)]) + "\n"
