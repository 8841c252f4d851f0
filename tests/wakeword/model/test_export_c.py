"""The exported header: plain data for C and C++ compilers, which does not compile with a core of another featurizer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from featurizer import FEATURIZER_ID
from tests.firmware.toolchain import ARM, ARM_CPP, C99, CORE, CPP11, HOST, SOURCES, compile_objects, run
from tests.wakeword.models import convolved_model, random_convolution, random_model
from wakeword.errors import UsageError
from wakeword.model.export_c import export_c, header_of, model_id
from wakeword.model.file import Model

USER = """
#include "wakeword_model.h"
int labels(void);
int labels(void) { return wakeword_model.labels + wakeword_labels[0][0]; }
"""

COMPILERS = {
    "gcc": ([*HOST, *C99, "-pedantic"], "c"),
    "arm gcc": ([*ARM["cortex-m0plus"], *C99, "-pedantic"], "c"),
    "arm g++": ([*ARM_CPP, *CPP11, "-pedantic"], "cpp"),
}

NASTY = ("_silence_", 'say "hi"', "back\\slash", "what??/", "*/ int x; /*", "naïve 7")


def _nasty_model() -> Model:
    """Labels and provenance that would break a header that doesn't guard itself."""
    return replace(random_model(0), labels=NASTY, provenance={"note": 'ends */ here, begins /* there, "\\', "n": 1})


def _compile(model: Model, folder: Path, compiler: list[str], suffix: str = "c") -> None:
    (folder / "wakeword_model.h").write_text(export_c(model))
    user = folder / f"user.{suffix}"
    user.write_text(USER)
    compile_objects([*compiler, f"-I{folder}"], [user], folder)


@pytest.mark.parametrize("model", [random_model(0), _nasty_model()], ids=["plain", "nasty"])
@pytest.mark.parametrize(("compiler", "suffix"), COMPILERS.values(), ids=COMPILERS)
def test_compilers_give_no_warning(model: Model, compiler: list[str], suffix: str, tmp_path: Path) -> None:
    _compile(model, tmp_path, compiler, suffix)


def test_two_models_of_different_sizes_are_in_one_program(tmp_path: Path) -> None:
    """The names of one never meet the names of the other, nor the core's."""
    models = {"computer": convolved_model(random_model(17), random_convolution(1)), "hey_jarvis": random_model(1)}
    for name, model in models.items():
        (tmp_path / header_of(name)).write_text(export_c(model, name))
    program = tmp_path / "two.c"
    program.write_text(
        '#include <stdio.h>\n#include "computer_model.h"\n#include "hey_jarvis_model.h"\n#include "ww_engine.h"\n'
        "static ww_engine engine;\n"
        "int main(void) {\n"
        "    ww_engine_reset(&engine, &computer_model);\n"
        "    ww_recognizer_reset(&engine.recognizer, &hey_jarvis_model);\n"
        '    printf("%d %s %x\\n", computer_model.labels, computer_labels[2], COMPUTER_MODEL_ID);\n'
        '    printf("%d %s %x\\n", hey_jarvis_model.labels, hey_jarvis_labels[2], HEY_JARVIS_MODEL_ID);\n'
        "    return 0;\n}\n"
    )
    run(*HOST, *C99, "-pedantic", f"-I{CORE}", f"-I{tmp_path}", program, *SOURCES, "-o", tmp_path / "two")
    wanted = [f"{len(model.labels)} {model.labels[2]} {model_id(model):x}" for model in models.values()]
    assert run(tmp_path / "two").splitlines() == wanted


def test_a_name_changes_nothing_but_names() -> None:
    model = _nasty_model()
    plain, named = export_c(model), export_c(model, "okay_nabu")
    introduction = plain.index("#ifndef")
    assert named[:introduction] == plain[:introduction]
    renamed = plain[introduction:].replace("wakeword_", "okay_nabu_").replace("WAKEWORD_", "OKAY_NABU_")
    assert named[introduction:] == renamed
    assert export_c(model, "wakeword") == plain


@pytest.mark.parametrize(
    "name", ["", "Computer", "hey jarvis", "hey-jarvis", "7up", "_x", "../x", "é", "ww", "ww_a", "a\n"]
)
def test_a_name_that_c_or_the_core_has_another_use_for_is_refused(name: str) -> None:
    """Not in capitals: the guards and ids of Computer and computer would be one, and the second model left out."""
    with pytest.raises(UsageError, match=r"can't be a model's name in C; take small letters.*as in hey_jarvis"):
        export_c(random_model(0), name)


def test_a_name_that_only_begins_with_the_core_s_letters_is_taken() -> None:
    assert header_of("wwf") == "wwf_model.h"


def test_labels_are_the_same_in_c(tmp_path: Path) -> None:
    (tmp_path / "wakeword_model.h").write_text(export_c(_nasty_model()))
    program = tmp_path / "labels.c"
    program.write_text(
        '#include <stdio.h>\n#include "wakeword_model.h"\n'
        "int main(void) { int i; for (i = 0; i < wakeword_model.labels; i++) puts(wakeword_labels[i]); return 0; }\n"
    )
    run(*HOST, *C99, f"-I{CORE}", f"-I{tmp_path}", program, "-o", tmp_path / "labels")
    assert run(tmp_path / "labels").splitlines() == list(NASTY)


def test_it_begins_with_labels_provenance_and_size() -> None:
    introduction = export_c(random_model(0)).split("#ifndef")[0]
    assert '"_silence_", "_unknown_", "word0"' in introduction
    assert '{"made": "at random"}' in introduction
    assert "1504 bytes" in introduction


def test_another_featurizer_is_refused(tmp_path: Path) -> None:
    tables = (CORE / "ww_tables.h").read_text()
    other = tables.replace(f"0x{FEATURIZER_ID:08x}u", "0x12345678u")
    assert other != tables
    (tmp_path / "ww_tables.h").write_text(other)
    (tmp_path / "ww_model.h").write_text((CORE / "ww_model.h").read_text())
    with pytest.raises(AssertionError, match=rf"this model was trained on featurizer {FEATURIZER_ID:08x}"):
        _compile(random_model(0), tmp_path, HOST)


@pytest.mark.parametrize(("size", "needed"), [("WW_MAX_HIDDEN", 40), ("WW_MAX_RANK", 10), ("WW_MAX_LABELS", 6)])
def test_a_core_with_too_little_room_is_refused(size: str, needed: int, tmp_path: Path) -> None:
    _compile(random_model(0), tmp_path, [*HOST, f"-D{size}={needed}"])
    with pytest.raises(AssertionError, match=f"{size} of at least {needed}"):
        _compile(random_model(0), tmp_path, [*HOST, f"-D{size}={needed - 1}"])


def test_the_model_s_id_depends_on_its_numbers_and_words_and_not_on_its_provenance() -> None:
    model = random_model(0)
    assert f"#define WAKEWORD_MODEL_ID 0x{model_id(model):08x}u\n" in export_c(model)
    assert model_id(replace(model, provenance={})) == model_id(model)
    others = [replace(model, nu=model.nu + 1), replace(model, labels=tuple("abcdef")), random_model(1)]
    assert len({model_id(other) for other in [model, *others]}) == 4
