"""The C core with AddressSanitizer and UndefinedBehaviorSanitizer, and a Python that loads it."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import sysconfig
from contextlib import redirect_stdout
from pathlib import Path

from wakeword.errors import UsageError

_ROOT = Path(__file__).resolve().parents[2]
_MODULE = "wakeword.inference._core"
_VARIABLE = "WAKEWORD_SANITIZED_CORE"
_FLAGS = ("-g", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def run_sanitized(arguments: list[str], folder: Path) -> int:
    """Run Python with these arguments and the sanitized core; return its status.

    folder: gets the core.

    Raises:
        UsageError: There is no GCC, or it can't build the core so.
    """
    core = _build(folder)
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "LD_PRELOAD": _library("libasan.so"),
        # Python frees little at its end. Memory is measured without sanitizers, which take much of it themselves.
        "ASAN_OPTIONS": "detect_leaks=0:max_allocation_size_mb=200:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONMALLOC": "malloc",  # so that a byte beyond any object is noticed
        _VARIABLE: str(core),
    }
    return subprocess.run([sys.executable, *arguments], env=environment).returncode


def sanitized() -> bool:
    """Return whether this process was started by `run_sanitized`."""
    return _VARIABLE in os.environ


def use_sanitized() -> None:
    """Load the sanitized core in the place of the package's, in a process that was started by `run_sanitized`."""
    path = os.environ[_VARIABLE]
    loader = importlib.machinery.ExtensionFileLoader(_MODULE, path)
    spec = importlib.util.spec_from_file_location(_MODULE, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    loader.exec_module(module)


def _build(folder: Path) -> Path:
    from wakeword.inference.build_c_core import CORE, SOURCES, ffibuilder

    if shutil.which("gcc") is None:
        raise UsageError("the sanitized core needs GCC; install it, or give --plain")
    source, core = folder / "core.c", folder / "_core.so"
    with redirect_stdout(io.StringIO()):
        ffibuilder.emit_c_code(str(source))
    includes = [f"-I{_ROOT / CORE}", f"-I{sysconfig.get_path('include')}"]
    inputs = [str(source), *(str(_ROOT / path) for path in SOURCES)]
    built = subprocess.run(
        ["gcc", "-shared", "-fPIC", *_FLAGS, *includes, *inputs, "-o", str(core)], capture_output=True, text=True
    )
    if built.returncode:
        raise UsageError(f"GCC can't build the sanitized core ({built.stderr.strip().splitlines()[-1]}); give --plain")
    return core


def _library(name: str) -> str:
    found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return found.stdout.strip()
