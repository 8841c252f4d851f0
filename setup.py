"""Build the C core as `wakeword.inference._core`. Everything else about the package stands in pyproject.toml."""

import os

from cffi import FFI
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class BuildCore(build_ext):
    """Compile the core, or leave it out if there is no compiler or no Python.h: the NumPy reference then runs.

    WAKEWORD_CORE=required makes a failed compilation an error, so that whoever works on the C code sees it.
    """

    def pre_run(self, extension: Extension, ffi: FFI) -> None:
        """Prepare the extension; cffi calls this before the build."""
        extension.optional = os.environ.get("WAKEWORD_CORE") != "required"


# One wheel for CPython 3.10 and later: cffi compiles the extension for the stable ABI of 3.2 and later by itself.
setup(
    cffi_modules=["wakeword/inference/build_c_core.py:ffibuilder"],
    cmdclass={"build_ext": BuildCore},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
