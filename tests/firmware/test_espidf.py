"""`firmware/` is an ESP-IDF component, and `integrations/espidf/words` a project that uses it. ESP-IDF itself is in no
registry: its headers are modelled (tests/firmware/fake/espidf)."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from tests.firmware.arduino import FAKE, LIBRARY, RV32
from tests.firmware.toolchain import C99, HOST, SANITIZED, STRICT, run
from tests.signals import ROOT, demo
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

WORDS = ROOT / "integrations/espidf/words"


def component() -> tuple[list[Path], list[str]]:
    """The sources that the component registers, and the options for its include folders."""
    text = (LIBRARY / "CMakeLists.txt").read_text()
    (pattern,) = re.findall(r'file\(GLOB core "\$\{CMAKE_CURRENT_LIST_DIR\}/(.*?)"\)', text)
    (sources, folders) = re.findall(r"SRCS \$\{core\} (.*?) INCLUDE_DIRS (.*?)\)", text)[0]
    named = [LIBRARY / name for name in re.findall(r'"(.*?)"', sources)]
    return [*sorted(LIBRARY.glob(pattern)), *named], [f"-I{LIBRARY / name}" for name in re.findall(r'"(.*?)"', folders)]


def build(c: list[str], folder: Path) -> list[Path]:
    """Compile the component and the project's main with a C compiler and its like for C++."""
    sources, places = component()
    cpp = [c[0].removesuffix("gcc") + "g++", *c[1:], "-std=gnu++23", *STRICT, f"-I{FAKE / 'espidf'}"]
    objects = []
    for path in [*sources, WORDS / "main/main.cpp"]:
        objects.append(folder / f"{path.name}.o")
        run(*([*c, *C99] if path.suffix == ".c" else cpp), *places, "-c", path, "-o", objects[-1])
    return objects


def test_the_component_has_the_version_of_the_package_and_names_what_it_needs() -> None:
    manifest = (LIBRARY / "idf_component.yml").read_text()
    assert f'version: "{metadata.version("wakeword")}"' in manifest.splitlines()
    assert re.findall(r"dependencies:\n((?:  .*\n)+)", manifest) == ['  idf: ">=5.2"\n']


def test_the_project_finds_the_component() -> None:
    (path,) = re.findall(r"wakeword:\n    path: (.*)", (WORDS / "main/idf_component.yml").read_text())
    assert (WORDS / "main" / path).resolve() == LIBRARY


def test_component_and_project_compile_for_an_esp32_c3(tmp_path: Path) -> None:
    assert len(build(RV32, tmp_path)) > 10


def test_the_project_prints_the_words_that_the_engine_hears(tmp_path: Path) -> None:
    objects = build([*HOST, *SANITIZED], tmp_path)
    driver = Path(__file__).with_name("heard") / "espidf.cpp"
    run("g++", *SANITIZED, f"-I{FAKE / 'espidf'}", *objects, driver, "-o", tmp_path / "words")
    (tmp_path / "demo.raw").write_bytes(demo().astype("<i2").tobytes())
    model = load_model()
    expected = [model.labels[event.label] for event in open_engine(model).push(demo()).events]
    assert run(tmp_path / "words", tmp_path / "demo.raw").split() == expected
