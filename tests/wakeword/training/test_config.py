"""The configuration of a training needs no torch: presets, `--set` and their refusals work without it."""

import subprocess
import sys

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; "


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_configuration_presets_and_overrides_need_no_torch():
    program = (
        "import wakeword.quantization.config, wakeword.sweeps.grid, wakeword.networks.cost; "
        "from wakeword.training.overrides import apply_settings; "
        "from wakeword.training.presets import PRESETS; "
        "print(apply_settings(PRESETS['best'], {'hidden': '64'}).cell.hidden)"
    )
    done = python(program)
    assert (done.stdout, done.stderr) == ("64\n", "")


def test_a_field_that_is_not_there_is_refused_without_torch():
    done = python("from wakeword.cli import main; main()", "train", "--set", "nonsense=1")
    assert done.returncode == 2
    assert "there is no field 'nonsense' to set" in done.stderr and done.stderr.count("\n") == 1
