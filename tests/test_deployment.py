"""The files of a deployment name what is there, and run the app as nobody."""

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PATH = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"


def instructions(stage: int) -> list[tuple[str, str]]:
    """Name and arguments of each instruction of one stage of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    found = [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in whole.splitlines()]
    starts = [i for i, (name, _) in enumerate(found) if name == "FROM"]
    return found[starts[stage] : [*starts, len(found)][stage + 1]]


def services() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize(
    "tool,command",
    [
        ("hadolint", ["Dockerfile"]),
        ("caddy", ["validate", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"]),
        ("caddy", ["fmt", "--diff", "deploy/Caddyfile"]),
    ],
    ids=["dockerfile", "proxy", "proxy-format"],
)
def test_the_tools_made_for_these_files_find_nothing(
    tool: str, command: list[str], tmp_path: Path
) -> None:
    program = shutil.which(tool, path=PATH)
    if program is None:
        pytest.skip(f"no {tool} found")
    homes = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    found = subprocess.run(
        [program, *command], cwd=ROOT, env=os.environ | homes, capture_output=True, check=False
    )
    assert found.returncode == 0, (found.stdout + found.stderr).decode()


def test_the_image_gets_all_that_the_app_needs_and_no_more() -> None:
    copied = [
        source
        for name, text in instructions(1)
        if name == "COPY" and not text.startswith("--from")
        for source in shlex.split(text)[:-1]
    ]
    assert all((ROOT / source).exists() for source in copied)
    needed = {"app.py", "pages", "core", "checkpoints", "static", ".streamlit"}
    assert needed <= set(copied)
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert let_in == {*copied, "requirements.txt"}


def test_the_image_runs_as_nobody_without_build_tools_and_tells_its_health() -> None:
    stage = instructions(1)
    user = [text for name, text in stage if name == "USER"][-1]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    (health,) = (text for name, text in stage if name == "HEALTHCHECK")
    assert "/_stcore/health" in health
    installed = " ".join(text for name, text in stage if name == "RUN")
    assert "pip uninstall --yes pip setuptools wheel" in installed
    assert not re.search(r"\b(gcc|build-essential|git|curl)\b", installed)
    assert "pip uninstall --yes pip" in " ".join(text for _, text in instructions(0))


def test_wherever_it_runs_the_drawings_find_their_libraries() -> None:
    listed = (ROOT / "packages.txt").read_text(encoding="utf-8").split()
    installed = next(text for name, text in instructions(1) if name == "RUN")
    assert listed
    assert all(f" {library} " in installed for library in listed)


def test_only_the_proxy_can_be_reached() -> None:
    app, proxy = services()["app"], services()["proxy"]
    assert "ports" not in app
    assert proxy["ports"] == ["80:80", "443:443"]
    assert app["networks"] == ["inside"]
    assert "inside" in proxy["networks"]
    assert app["read_only"] is True
    assert app["cap_drop"] == proxy["cap_drop"] == ["ALL"]
    assert proxy["depends_on"]["app"]["condition"] == "service_healthy"
    mounted = proxy["volumes"][0].split(":")[0]
    assert (ROOT / mounted).is_file()


def test_the_server_is_one_for_many() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["enableCORS"] is True
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
