"""The rules by which Arduino's Library Manager takes a library, as far as its files show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

Files = dict[str, bytes]  # by path from the library's folder

_REQUIRED = ("name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures")
_OPTIONAL = ("depends", "dot_a_linkage", "includes", "ldflags", "license", "precompiled")
_CATEGORIES = (
    "Communication", "Data Processing", "Data Storage", "Device Control", "Display", "Other", "Sensors",
    "Signal Input/Output", "Timing",
)  # fmt: skip
_NAME = r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}"
_VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?"
_SKETCH = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}"
_BINARY = (".exe", ".o", ".a", ".so", ".dll", ".pde")


def faults(files: Files) -> list[str]:
    """Return what the Library Manager would refuse or the IDE not show, a line each."""
    return [*_of_the_properties(files), *_of_the_layout(files), *_of_the_examples(files), *_of_the_keywords(files)]


def _of_the_properties(files: Files) -> Iterator[str]:
    lines = files.get("library.properties", b"").decode().splitlines()
    fields = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    if len(fields) != len([line for line in lines if line and not line.startswith("#")]):
        yield "library.properties: a line is no field, or a field is there twice"
    for field in _REQUIRED:
        if not fields.get(field, "").strip():
            yield f"library.properties: {field} is missing"
    for field in fields.keys() - {*_REQUIRED, *_OPTIONAL}:
        yield f"library.properties: {field} is no field"
    name, sentence = fields.get("name", ""), fields.get("sentence", "")
    if not re.fullmatch(_NAME, name) or re.match("arduino", name, re.I) or "library" in name.lower():
        yield f"library.properties: {name} can't be a name"
    if not re.fullmatch(_VERSION, fields.get("version", "")):
        yield "library.properties: the version isn't semantic"
    if fields.get("category") not in _CATEGORIES:
        yield "library.properties: there is no such category"
    if sentence and sentence in fields.get("paragraph", ""):
        yield "library.properties: the paragraph, shown below the sentence, repeats it"
    if not re.fullmatch(r"https?://\S+", fields.get("url", "")):
        yield "library.properties: the url has no scheme"
    if not re.fullmatch(r"\*|\w+(,\w+)*", fields.get("architectures", "")):
        yield "library.properties: the architectures aren't names with commas"
    for header in filter(None, fields.get("includes", "").split(",")):
        if f"src/{header}" not in files:
            yield f"library.properties: there is no {header} to include"
    if f"src/{name}.h" not in files:
        yield "no header has the library's name"


def _of_the_layout(files: Files) -> Iterator[str]:
    tops = {PurePosixPath(path).parts[0] for path in files}
    for top in tops:
        if top != top.lower() and top.lower() in ("src", "examples", "extras", "keywords.txt", "library.properties"):
            yield f"{top} must be in small letters"
        if top in ("utility", "example"):
            yield f"{top} has no place beside src"
    if not any(re.match(r"README(\.\w+)?$", path, re.I) for path in files):
        yield "there is no README"
    if not any(re.match(r"LICENSE(\.\w+)?$", path, re.I) for path in files):
        yield "there is no licence"
    for path in files:
        if any(part.startswith(".") for part in PurePosixPath(path).parts):
            yield f"{path} is hidden"
        if PurePosixPath(path).suffix in _BINARY:
            yield f"{path} is not for a release"


def _of_the_examples(files: Files) -> Iterator[str]:
    sketches = {PurePosixPath(path).parts[1] for path in files if path.startswith("examples/")}
    if not sketches:
        yield "there are no examples"
    for sketch in sketches:
        if not re.fullmatch(_SKETCH, sketch):
            yield f"examples/{sketch}: a sketch can't have this name"
        if f"examples/{sketch}/{sketch}.ino" not in files:
            yield f"examples/{sketch}: there is no {sketch}.ino in it"


def _of_the_keywords(files: Files) -> Iterator[str]:
    for line in files.get("keywords.txt", b"").decode().splitlines():
        if line and not line.startswith("#") and not re.fullmatch(r"\w+\t(KEYWORD[123]|LITERAL1)(\t\w*){0,2}", line):
            yield f"keywords.txt: {line!r} is no name, a tab and a kind"
