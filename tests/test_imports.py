"""Imports run one way, and an optional library is needed by its owners only.

The contracts stand in pyproject.toml; import-linter checks them on the source, where an import inside a
function counts like any other. What a user without the extras can import is therefore tried out here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration

from tests.processes import run
from wakeword.cli import _EXTRAS

ROOT = Path(__file__).parent.parent
PACKAGES = ("featurizer", "wakeword", "service")


def _owners() -> dict[str, list[str]]:
    """For each optional library, the modules (or patterns) that its contract lets import it.

    The C core, which needs a compiler, is one more that only its owner may need.
    """
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    contract = next(contract for contract in contracts if contract["name"] == OWNERS)
    owners: dict[str, list[str]] = {library: [] for library in contract["forbidden_modules"]}
    for permission in contract["ignore_imports"]:
        module, library = permission.split(" -> ")
        owners[library].append(module)
    return {
        **owners,
        "wakeword.inference._core": [
            "wakeword.inference._core",
            "wakeword.inference.c_core",
            "wakeword.inference.c_model",
        ],
    }


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-c", code, *arguments], cwd=ROOT)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the three packages and their contracts, to which a test may add a module."""
    copy = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("*.so", "assets"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def _broken_contracts(source: Path) -> str:
    """What import-linter has to say against `source`; empty where every contract is kept."""
    lint_imports = Path(sys.executable).with_name("lint-imports")
    linted = run([lint_imports, "--no-cache"], cwd=source)
    return "" if linted.returncode == 0 else linted.stdout + linted.stderr


def test_the_packages_keep_their_contracts(source: Path) -> None:
    assert _broken_contracts(source) == ""


ONE_WAY = "Imports run one way: service -> wakeword -> featurizer"
DOWN = "Rooms import down only"
TORCH = "Only networks, quantization and training need torch"
OWNERS = "An optional library is imported by its owners only"

# A contract, a room, and a line that breaks it: of a new module there or, if the room is one module, of that.
BREACHES = [
    (ONE_WAY, "featurizer", "import wakeword"),
    (ONE_WAY, "wakeword", "import service"),
    (DOWN, "wakeword.audio", "from wakeword.data import noise"),
    (DOWN, "wakeword.model", "from wakeword.inference import engine"),
    (DOWN, "wakeword.inference", "from wakeword.data import noise"),
    (DOWN, "wakeword.synth", "from wakeword.training import presets"),
    (DOWN, "wakeword.quantization", "from wakeword.training import presets"),
    (DOWN, "wakeword.boards", "from wakeword.evaluation import scoring"),
    (DOWN, "wakeword.training", "from wakeword.sweeps import grid"),
    *((TORCH, f"wakeword.{room}", "import torch") for room in ("model", "inference", "audio", "data")),
    *((TORCH, f"wakeword.{room}", "import torch") for room in ("evaluation", "live", "boards", "phrases", "synth")),
    (TORCH, "service", "import torch"),
    ("Evaluation and live listening know nothing of training", "wakeword.evaluation", "import wakeword.training.train"),
    ("Evaluation and live listening know nothing of training", "wakeword.live", "import wakeword.training.train"),
    ("Boards know nothing of listening on this computer", "wakeword.boards", "import wakeword.live.listen"),
    ("Networks know nothing of data", "wakeword.networks", "import wakeword.data.noise"),
    ("Quantization knows networks and models only", "wakeword.quantization", "import wakeword.inference.engine"),
    ("Quantization knows networks and models only", "wakeword.quantization", "import wakeword.data.noise"),
    ("Training needs neither a microphone nor a board", "wakeword.training", "import wakeword.live.listen"),
    ("Training needs neither a microphone nor a board", "wakeword.training", "import wakeword.boards.flash"),
    ("Nothing imports a command but the command line", "wakeword.live", "import wakeword.commands.listen"),
    ("Nothing imports a command but the command line", "service", "import wakeword.commands.listen"),
    ("The configuration of a training needs no torch", "wakeword.training.presets", "import torch"),
    ("The configuration of a training needs no torch", "wakeword.networks.config", "import torch"),
    (OWNERS, "wakeword.data", "def train() -> None: import torch.nn.functional"),
    (OWNERS, "wakeword.live", "from sounddevice import InputStream"),
    (OWNERS, "wakeword.live", "import serial.tools.list_ports"),
    (OWNERS, "wakeword.live", "from fastapi import FastAPI"),
]


def _breaching_module(number: int) -> str:
    _, room, _ = BREACHES[number]
    is_module = ROOT.joinpath(*room.split(".")).with_suffix(".py").is_file()
    return room if is_module else f"{room}.newcomer_{number}"


@pytest.fixture(scope="module")
def breaches(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make every breach at once, in a copy of the source; return what import-linter says of each contract."""
    copy = tmp_path_factory.mktemp("breaches") / "source"
    shutil.copytree(source, copy)
    for number, (_, _, line) in enumerate(BREACHES):
        with copy.joinpath(*_breaching_module(number).split(".")).with_suffix(".py").open("a") as module:
            module.write(f"{line}\n")
    sections = _broken_contracts(copy).partition("Broken contracts\n")[2]
    names = {name for name, _, _ in BREACHES}
    found: dict[str, str] = {}
    heading = ""
    for text in sections.splitlines():
        heading = text if text in names else heading
        found[heading] = found.get(heading, "") + text + "\n"
    return found


@pytest.mark.parametrize("number", range(len(BREACHES)), ids=[f"{room}: {line}" for _, room, line in BREACHES])
def test_a_new_module_that_breaks_a_contract_is_found(breaches: dict[str, str], number: int) -> None:
    contract, _, _ = BREACHES[number]
    assert f"{_breaching_module(number)} -> " in breaches.get(contract, "")


def test_every_contract_is_broken_by_one_of_these() -> None:
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    assert {contract["name"] for contract in contracts} == {name for name, _, _ in BREACHES}


def test_the_featurizer_imports_numpy_and_nothing_else() -> None:
    graph = grimp.build_graph("featurizer", include_external_packages=True, cache_dir=None)
    modules = {"featurizer", *graph.find_descendants("featurizer")}
    imported = set().union(*(graph.find_modules_directly_imported_by(module) for module in modules))
    assert imported - modules - sys.stdlib_module_names == {"numpy"}


def test_the_command_line_knows_the_extra_of_every_optional_library() -> None:
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    imported = {module for module in graph.modules if graph.is_module_squashed(module)}
    required = {re.split(r"[^\w-]", line)[0] for line in requires("wakeword") or () if "extra ==" not in line}
    compiler_or_host = {"setuptools", "ovos_plugin_manager"}
    assert imported - required - sys.stdlib_module_names - compiler_or_host <= set(_EXTRAS)


IMPORT_EVERYTHING_WITHOUT_EXTRAS = """
import importlib, json, pkgutil, sys
from fnmatch import fnmatch

owners = json.loads(sys.argv[1])
for library in owners:
    sys.modules[library] = None  # as if it were not installed

for package in sys.argv[2:]:
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, package + ".")
    for module in [package, *(info.name for info in found)]:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            library = error.name if error.name in owners else error.name.partition(".")[0]
            if not any(fnmatch(module, owner) for owner in owners.get(library, ())):
                print(module, "needs", error.name)
"""


def test_only_its_owners_need_an_optional_library() -> None:
    imported = _python(IMPORT_EVERYTHING_WITHOUT_EXTRAS, json.dumps(_owners()), *PACKAGES)
    assert (imported.stdout, imported.stderr, imported.returncode) == ("", "", 0)


LISTEN_WITHOUT_EXTRAS = """
import json, sys
for library in json.loads(sys.argv.pop()):
    sys.modules[library] = None
from wakeword.cli import main
main()
"""


@pytest.mark.parametrize("arguments", [["--help"], ["listen", "--help"]])
def test_the_command_line_starts_without_the_optional_libraries(arguments: list[str]) -> None:
    command = _python(LISTEN_WITHOUT_EXTRAS, *arguments, json.dumps(list(_owners())))
    assert command.returncode == 0, command.stderr
    assert "Usage" in command.stdout
