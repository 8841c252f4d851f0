"""Compile the WebAssembly of the web module from the C core: `make wasm` runs this, with Debian's clang and lld.

    python -m tools.web_module

`integrations/web/wasm.json` then holds what it was made of: the compiler, and a digest of the source as the compiler
sees it, without comments and without what is for other processors. So `make test` needs no clang to know that the
WebAssembly is that of the source.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
WASM = ROOT / "wakeword/assets/web/wakeword.wasm"
RECORD = ROOT / "integrations/web/wasm.json"
_OWN, _CORE = ROOT / "integrations/web/src", ROOT / "firmware/src/core"
_SOURCES = [*sorted(_OWN.glob("*.c")), *sorted(_CORE.glob("*.c"))]
_FAST = ("ww_block", "ww_matrix")  # the loops over weights, for which speed is worth some bytes
_INCLUDES = ["-nostdinc", *(f"-I{folder}" for folder in (_OWN / "freestanding", _OWN, _CORE))]
# Instructions that browsers have had since 2021: of memory in place of a C library, of rounding, of signs.
_INSTRUCTIONS = ["-mbulk-memory", "-mnontrapping-fptoint", "-msign-ext"]
_COMPILE = ["clang", "--target=wasm32", "-std=c11", "-ffreestanding", *_INSTRUCTIONS, "-Wall", "-Wextra", "-Werror"]
_LINK = ["wasm-ld", "--no-entry", "--strip-all", "-z", "stack-size=16384"]
_PREPROCESS = ["gcc", "-E", "-P", "-undef", "-D__wasm__", "-D__clang__", "-D__GNUC__=4"]
_ENDIANNESS = ["-D__BYTE_ORDER__=1234", "-D__ORDER_LITTLE_ENDIAN__=1234"]


def compiler() -> str | None:
    """Return the version of the clang that is here, a line; None if there is none."""
    try:
        return _run("clang", "--version").splitlines()[0]
    except FileNotFoundError:
        return None


def compile_wasm(folder: Path) -> bytes:
    """Return the module. `folder` gets the objects.

    Raises:
        FileNotFoundError: clang or lld is missing.
        subprocess.CalledProcessError: The source does not compile.
    """
    objects = []
    for source in _SOURCES:
        objects.append(folder / f"{source.stem}.o")
        size = "-Os" if source.stem in _FAST else "-Oz"
        _run(*_COMPILE, size, *_INCLUDES, "-c", source, "-o", objects[-1])
    out = folder / WASM.name
    _run(*_LINK, *objects, "-o", out)
    return out.read_bytes()


def source_digest() -> str:
    """Return the digest of the source's tokens as clang sees them, by gcc's preprocessor."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        text = _run(*_PREPROCESS, *_ENDIANNESS, *_INCLUDES, source)
        digest.update(f"{source.name} {' '.join(text.split())}\n".encode())
    return digest.hexdigest()


def record(wasm: bytes) -> dict[str, str | None]:
    """Return what tells of which source and compiler a module is."""
    return {"compiler": compiler(), "source": source_digest(), "wasm": hashlib.sha256(wasm).hexdigest()}


def main() -> None:
    """Compile the module and write it, and its record."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            wasm = compile_wasm(Path(folder))
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing: apt-get install clang lld")
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr)
    WASM.write_bytes(wasm)
    RECORD.write_text(json.dumps(record(wasm), indent=2) + "\n")
    print(f"{WASM.relative_to(ROOT)}: {len(wasm):,} bytes")


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
