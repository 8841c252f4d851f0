"""Build the C core as `wakeword.inference._core`. Everything else about the package stands in pyproject.toml."""

import os

from cffi import FFI
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class BuildCore(build_ext):
    """Compiles the core where it can, and leaves it out where there is no compiler or no Python.h.

    Without the core, the NumPy reference runs. WAKEWORD_CORE=required makes a failed compilation an error, so
    that whoever works on the C code sees it.
    """

    def pre_run(self, extension: Extension, ffi: FFI) -> None:
        """Called by cffi before the extension is built."""
        extension.optional = os.environ.get("WAKEWORD_CORE") != "required"


setup(cffi_modules=["wakeword/inference/build_c_core.py:ffibuilder"], cmdclass={"build_ext": BuildCore})
