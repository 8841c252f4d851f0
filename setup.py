"""Build the C core as `wakeword.inference._core`, and copy the sources of other systems to the package.

Everything else about the package stands in pyproject.toml.
"""

import os
import shutil
from pathlib import Path

from cffi import FFI
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py


class BuildCore(build_ext):
    """Compile the core, or leave it out if there is no compiler or no Python.h: the NumPy reference then runs.

    WAKEWORD_CORE=required makes a failed compilation an error, so that whoever works on the C code sees it.
    """

    def pre_run(self, extension: Extension, ffi: FFI) -> None:
        """Prepare the extension; cffi calls this before the build."""
        extension.optional = os.environ.get("WAKEWORD_CORE") != "required"


class BuildPackage(build_py):
    """Copy the modules, the sketches and C sources that `wakeword flash` and ESPHome compile, and ESPHome's component.

    They are in a checkout once. A package that is installed from it in editable mode takes them from there.
    """

    def run(self) -> None:
        """Copy them into the folder that becomes the wheel."""
        super().run()
        if self.editable_mode:
            return
        out = Path(self.build_lib, "wakeword/assets/firmware")
        shutil.rmtree(out, ignore_errors=True)
        for folder in ("src", "examples"):
            shutil.copytree(Path("firmware", folder), out / folder, ignore=shutil.ignore_patterns("*.o"))
        shutil.copy(Path("firmware/library.properties"), out)
        components = out.with_name("esphome") / "components"
        shutil.rmtree(components, ignore_errors=True)
        shutil.copytree("integrations/esphome/components", components, ignore=shutil.ignore_patterns("__pycache__"))


# One wheel for CPython 3.10 and later: cffi compiles the extension for the stable ABI of 3.2 and later by itself.
setup(
    cffi_modules=["wakeword/inference/build_c_core.py:ffibuilder"],
    cmdclass={"build_ext": BuildCore, "build_py": BuildPackage},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
