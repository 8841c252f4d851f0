"""The files of the web module are whole, small and current."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from importlib import metadata
from pathlib import Path

import pytest

from tests.integrations.web.node import MODULE
from tests.node import NPM
from tests.processes import run
from tests.signals import ROOT
from tools import web_module
from wakeword.errors import UsageError
from wakeword.model.export_web import MODULE as FILES
from wakeword.model.export_web import PAGE, export_web
from wakeword.model.pretrained import load_model

PACKAGE = ROOT / "integrations/web"
RECORD = json.loads((PACKAGE / "wasm.json").read_text())


def test_module_and_google12_are_less_than_40_kb() -> None:
    files = export_web(load_model("google12"))
    assert sum(len(data) for name, data in files.items() if name != PAGE) <= 40_000


def test_the_readme_tells_the_size_of_each_file() -> None:
    rows = re.findall(r"^\| (`.*`) \| ([\d,]+) \|", (PACKAGE / "README.md").read_text(), re.M)
    files = export_web(load_model("google12"))
    told = {names: int(size.replace(",", "")) for names, size in rows}
    sizes = {names: sum(len(files[name]) for name in re.findall("`([^`]+)`", names)) for names in told}
    assert told == {names: round(size, -3) for names, size in sizes.items()}
    assert sum(map(len, files.values())) - len(files[PAGE]) == sum(sizes.values())


def test_the_export_is_the_model_the_module_and_a_page_that_names_the_model() -> None:
    files = export_web(load_model("digits10"), "digits")
    assert list(files) == ["digits_model.bin", *FILES, PAGE]
    assert b'"digits_model.bin"' in files[PAGE] and b"wakeword_model" not in files[PAGE]


def test_a_name_that_could_leave_the_folder_is_refused() -> None:
    with pytest.raises(UsageError):
        export_web(load_model("digits10"), "../digits")


def test_the_webassembly_is_that_of_the_source() -> None:
    wasm = web_module.WASM.read_bytes()
    assert RECORD["source"] == web_module.source_digest(), "the C code has changed: make wasm compiles it again"
    assert RECORD["wasm"] == hashlib.sha256(wasm).hexdigest()


@pytest.mark.skipif(web_module.compiler() != RECORD["compiler"], reason=f"compares with {RECORD['compiler']} only")
def test_the_recorded_compiler_gives_the_same_webassembly(tmp_path: Path) -> None:
    assert web_module.compile_wasm(tmp_path) == web_module.WASM.read_bytes()


def test_the_digest_of_the_source_changes_with_its_code_and_not_with_its_comments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "part.c"
    monkeypatch.setattr(web_module, "_SOURCES", [source])

    def digest(text: str) -> str:
        source.write_text(text)
        return web_module.source_digest()

    plain = digest("int one(void) { return 1; }\n")
    assert digest("/* One. */\nint one(void)\n{\n    return 1;\n}\n#if defined(__arm__)\nint two;\n#endif\n") == plain
    assert digest("int one(void) { return 2; }\n") != plain


def test_the_types_declare_what_the_module_exports() -> None:
    code, types = ((MODULE / name).read_text() for name in ("wakeword.js", "wakeword.d.ts"))
    exported = re.findall(r"^export (?:async )?(?:class|function) (\w+)", code, re.M)
    declared = re.findall(r"^export (?:class|function) (\w+)", types, re.M)
    assert sorted(exported) == sorted(declared) == ["Detector", "WakewordError", "listen"]
    methods = re.findall(r"^  (?:static async |get )?([a-zA-Z]+)\(.*\{$", _class(code), re.M)
    members = re.findall(r"^  (?:private |static |readonly )*([a-zA-Z]+)[(:]", _class(types), re.M)
    assert sorted(methods) == sorted(members)


def _class(text: str) -> str:
    return text.split("class Detector {")[1].split("\n}\n")[0]


def test_the_package_has_the_version_of_the_python_package_and_the_files_of_the_module() -> None:
    package = json.loads((PACKAGE / "package.json").read_text())
    assert package["version"] == metadata.version("wakeword")
    assert package["files"] == list(FILES)


def test_npm_packs_the_module_its_page_and_its_licence(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    for folder in ("integrations/web", "wakeword/assets/web"):
        shutil.copytree(ROOT / folder, copy / folder)
    shutil.copy(ROOT / "LICENSE", copy)
    home = {"npm_config_cache": str(tmp_path / "cache"), "npm_config_update_notifier": "false"}
    done = run([NPM, "pack", "--dry-run", "--json", "--silent"], cwd=copy / "integrations/web", environment=home)
    assert done.returncode == 0, done.stderr
    (packed,) = json.loads(done.stdout)
    assert {file["path"] for file in packed["files"]} == {*FILES, "package.json", "README.md", "LICENSE"}
