"""Every page of the app by a deep link, in states that are not those it opens with."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.browser.app_server import ROOT


@dataclass(frozen=True, slots=True)
class Address:
    """A page in one state.

    Attributes:
        page: name of its file.
        query: the state.
        words: what the page says in this state, and not as it opens.
        values: what its fields hold, by their labels.
        chosen: what is chosen of a few.
        charts: how many there are at least.
        shared: whether the page's own link to this state is tried as well.
    """

    page: str
    query: str = ""
    words: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    charts: int = 0
    shared: bool = False

    @property
    def path(self) -> str:
        """What stands behind the host."""
        name = "" if self.page == "home" else self.page
        return f"/{name}?{self.query}" if self.query else f"/{name}"


# The first state of each page is tried most often; the others are its other views.
ADDRESSES: Mapping[str, Address] = {
    "home": Address("home", words=("Which anion flows best?", "A phase diagram")),
    "ionic-liquids": Address(
        "ionic_liquids",
        "cation=C6mim&anion=DCA&T=333.15&with=C4mim~BF4",
        words=("[C6mim][DCA]", "[C4mim][BF4]"),
        values={"Temperature": "60"},
        charts=4,
        shared=True,
    ),
    "arrhenius": Address(
        "ionic_liquids",
        "cation=C2mim&anion=OAc&scale=arrhenius&T_unit=K",
        words=("[C2mim][OAc]",),
        values={"Temperature": "298.15"},
        charts=4,
    ),
    "screening": Address(
        "screening",
        "T=323.15&P=101.325&where=viscosity_mPa_s+%3C%3D+30&x=density_kg_m3",
        values={"Temperature": "50"},
        charts=1,
        shared=True,
    ),
    "polymers": Address(
        "polymer_solvent",
        "polymer=PMMA&solvent=acetone&solvent=ethanol&T=313.15&M=50000",
        words=("poly(methyl methacrylate) (PMMA)", "ethanol"),
        values={"Temperature": "40"},
        charts=1,
        shared=True,
    ),
    "phases": Address(
        "polymer_solvent",
        "polymer=PEO&solvent=water&view=phases&composition=log",
        chosen=("Phase diagram",),
        charts=1,
    ),
    "space": Address(
        "polymer_solvent",
        "polymer=PMMA&solvent=acetone&view=space",
        chosen=("Solubility space",),
        charts=1,
    ),
    "shortlist": Address(
        "shortlist",
        "polymer=PMMA&by=chi&families=ketone&chart=hansen&T=313.15&bp=300~400",
        words=("Solvents for poly(methyl methacrylate)",),
        values={"Temperature": "40"},
        charts=1,
        shared=True,
    ),
    "selective": Address(
        "shortlist",
        "mode=selective&polymer=PMMA&spare=PS",
        words=("Solvents for poly(methyl methacrylate) (PMMA), not polystyrene (PS)",),
        charts=1,
    ),
    "blends": Address(
        "shortlist", "mode=blends&polymer=PMMA&bp=300~390", words=("Blends for poly",)
    ),
    "batch": Address(
        "batch",
        "kind=polymer-solvent",
        words=("Each row needs polymer and solvent",),
        chosen=("Polymers in solvents",),
    ),
    "compare": Address(
        "compare",
        "liquid=C2mim~Tf2N&liquid=C4mim~BF4&curve=density_kg_m3&T=320",
        words=("[C2mim][Tf2N]", "[C4mim][BF4]"),
        values={"Temperature": "46.85"},
        charts=1,
        shared=True,
    ),
    "compare-solvents": Address(
        "compare",
        "solvent=toluene&solvent=acetone&polymer=PS&show=solvents",
        words=("toluene", "acetone"),
        charts=1,
        shared=True,
    ),
    "maps": Address(
        "maps",
        "map=polymer&at=PMMA&with=toluene&colour=chi",
        words=("PMMA",),
        charts=1,
        shared=True,
    ),
    "learn": Address(
        "learn",
        "lesson=flory&n=1000&chi=0.6",
        words=("When does a polymer solution split in two?",),
        values={"χ": "0.6"},
        charts=2,
        shared=True,
    ),
    "heat": Address(
        "learn",
        "lesson=flory&form=AB&n=500&A=-0.3&B=300&temperature_K=328.15",
        words=("When does a polymer solution split in two?",),
        values={"A (entropy)": "-0.3", "B / K (heat)": "300", "Temperature / °C": "55"},
        chosen=("A + B/T",),
        charts=2,
        shared=True,
    ),
    "chain": Address(
        "learn",
        "lesson=chain&anion=BF4&temperature_K=333.15",
        words=("What does a longer chain do?",),
        values={"Temperature / °C": "60"},
        chosen=("BF4",),
        charts=3,
        shared=True,
    ),
    "anions": Address(
        "learn",
        "lesson=anions&cation=C2mim&of=density_kg_m3&temperature_K=343.15",
        words=("What does the anion do?",),
        values={"Temperature / °C": "70"},
        chosen=("C2mim", "Density"),
        charts=1,
        shared=True,
    ),
    "symmetry": Address(
        "learn",
        "lesson=symmetry&family=ammonium&anion=PF6",
        words=("Why does asymmetry lower the melting point?",),
        chosen=("Ammonium", "PF6"),
        charts=1,
        shared=True,
    ),
    "spheres": Address(
        "learn",
        "lesson=hansen&polymer=PMMA&radius=11.5",
        words=("Can a sphere tell what dissolves?",),
        values={"Radius R₀ / MPa⁰·⁵": "11.5"},
        chosen=("PMMA",),
        charts=2,
        shared=True,
    ),
    "guess": Address(
        "learn",
        "lesson=guess&seed=3&number=2",
        words=("Question 2 of 6",),
        values={"Set of questions": "3"},
        shared=True,
    ),
    "models": Address(
        "models",
        "model=polymer-solvent&show=accuracy&of=chi_published&tier=polymer",
        words=("Beside simpler models",),
        chosen=("χ, published rows", "new polymer"),
        charts=1,
        shared=True,
    ),
    "intervals": Address(
        "models",
        "model=polymer-solvent&show=intervals&of=chi",
        words=("How often a measured value lies inside",),
        charts=1,
        shared=True,
    ),
    "simulation": Address(
        "models",
        "model=ionic-liquids&show=simulation&of=viscosity_mPa_s",
        words=("What pre-training is worth",),
        chosen=("Viscosity",),
        charts=1,
        shared=True,
    ),
    "sources": Address(
        "models", "model=ionic-liquids&show=sources", words=("The card",), shared=True
    ),
    "trust": Address(
        "models",
        "show=trust&model=polymer-solvent",
        words=("How far can I trust this number?",),
        shared=True,
    ),
}


def of_the_app() -> list[str]:
    """Names of the files of all pages in the app's navigation."""
    tree = ast.parse((ROOT / "app.py").read_text("utf-8"))
    return [
        str(ast.literal_eval(call.args[0])).removeprefix("pages/").removesuffix(".py")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.Page"
    ]


def with_a_link(page: str) -> bool:
    """Whether a page has the button that saves and shares."""
    return "export_bar(" in (ROOT / "pages" / f"{page}.py").read_text("utf-8")
