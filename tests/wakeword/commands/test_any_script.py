"""A word of any script, from the command line through training to the header of a chip, the web and the service.

The user types the words with their accents apart, and so are the folders named, as macOS does both.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.firmware.toolchain import C99, CORE, CPP11, HOST
from tests.firmware.toolchain import run as compiled
from tests.service.live import running, settings
from tests.wakeword.scripts import WORDS, apart
from tests.wakeword.terminal import Run
from tests.wakeword.tones import write_tones
from wakeword.data.keywords import folder_name
from wakeword.data.splits import FEW_CLIPS
from wakeword.model.file import read_model
from wakeword.networks.config import CellConfig
from wakeword.training import presets
from wakeword.training.config import Draw, Stages

PRINT_LABELS = r"""
#include <stdio.h>
#include "wakeword_model.h"
int main(void)
{
    int i;
    for (i = 0; i < wakeword_model.labels; i++)
        puts(wakeword_labels[i]);
    return 0;
}
"""
CLIPS = 2 * FEW_CLIPS  # of each word, so that three in five, for training, are not few
FOR_THE_WEB = ("--format", "web", "--out")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The same clips for every word: they are to be named, not learned."""
    tones = write_tones(tmp_path / "tones", clips=CLIPS)
    for word in WORDS:
        folder = tones / apart(folder_name(word))
        folder.mkdir()
        for clip in (tones / "low").iterdir():
            os.link(clip, folder / clip.name)
    for clip in (tones / "low").iterdir():
        clip.unlink()
    (tones / "low").rmdir()
    for name in ("validation_list.txt", "testing_list.txt"):
        listed = (tones / name).read_text().splitlines()
        others = [line for line in listed if not line.startswith("low/")]
        own = [f"{apart(word)}/{line.removeprefix('low/')}" for word in WORDS for line in listed if line not in others]
        (tones / name).write_text("\n".join(others + own), "utf-8")
    return tones


def test_words_of_ten_scripts_go_from_the_command_line_to_the_chip_and_the_service(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(
        presets.PRESETS["small"], cell=CellConfig(hidden=8, rank_w=4, rank_u=4), draw=Draw(clips_per_word=20)
    )
    monkeypatch.setitem(presets.PRESETS, "small", replace(small, stages=Stages(1, 1, 1)))
    monkeypatch.chdir(tmp_path)
    trained = run("train", "--keywords", ",".join(map(apart, WORDS)), "--data", data, "--preset", "small")
    assert trained.status == 0, trained.err
    assert f"{WORDS[5]} {CLIPS} clips" in trained.err and "left out" not in trained.err
    (model,) = Path().glob("*.safetensors")
    assert read_model(model).keywords == WORDS

    assert run("export", model, "--out", "sketch").status == 0
    header = Path("sketch/wakeword_model.h").read_bytes()
    assert header.isascii()  # so that no compiler, editor or version of a language reads it another way
    for suffix, language in (("c", C99), ("cpp", ["-x", "c++", *CPP11])):
        Path(f"labels.{suffix}").write_text(PRINT_LABELS)
        compiled(*HOST, *language, f"-I{CORE}", "-Isketch", f"labels.{suffix}", "-o", "labels", cwd=tmp_path)
        assert compiled(tmp_path / "labels").splitlines() == ["_silence_", "_unknown_", *WORDS]

    assert run("export", model, *FOR_THE_WEB, "site").status == 0
    assert all(word.encode() in Path("site/wakeword_model.bin").read_bytes() for word in WORDS)

    with running(settings(tmp_path / "service", models=(str(model),))) as live:
        assert [word["word"] for word in live.http.get("/api/words").json()] == list(WORDS)


@pytest.mark.parametrize("command", [["train", "--keywords"], ["synth", "--out", "x"], ["record", "--out", "x"]])
def test_an_emoji_is_refused_wherever_a_phrase_is_given(run: Run, command: list[str]) -> None:
    done = run(*command, "hey \U0001f44b")
    assert done.status == 2 and done.out == ""
    assert done.err.splitlines() == [
        "wakeword: 'hey \U0001f44b' can't be a keyword: it contains the picture U+1F44B WAVING HAND SIGN; write what "
        "is said instead"
    ]
