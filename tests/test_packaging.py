import itertools
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built by the project's own build backend; no network."""
    from hatchling.builders.wheel import WheelBuilder

    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return zipfile.ZipFile(path)


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "assistant").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    inside = {name for name in wheel.namelist() if name.startswith("assistant/")}
    assert inside == package | {"assistant/models.toml"}


def test_the_catalogue_goes_along(wheel: zipfile.ZipFile) -> None:
    assert wheel.read("assistant/models.toml") == (ROOT / "models.toml").read_bytes()


def test_the_command_starts_a_module_of_the_wheel(wheel: zipfile.ZipFile) -> None:
    (path,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    command = re.search(r"^assistant = ([\w.]+):main$", wheel.read(path).decode(), re.MULTILINE)
    assert command is not None
    assert command[1].replace(".", "/") + ".py" in wheel.namelist()


def test_nothing_but_the_package_is_installed(wheel: zipfile.ZipFile) -> None:
    roots = {name.partition("/")[0] for name in wheel.namelist()}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"assistant"}


def test_every_dependency_has_a_pinned_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())}
    pinned = {
        _normal(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    }
    assert {_normal(requirement.partition(">")[0].partition("[")[0]) for requirement in named} <= pinned


def test_constraints_name_no_address() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        name, _, version = line.partition("==")
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum(), line
        assert version.replace(".", "").isalnum(), line


def _normal(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(".", "-")
