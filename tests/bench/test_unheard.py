"""Clips by engines that no training uses: real sentences of a language, and how a phrase is drawn and written.

RHVoice is replaced by a program that copies a tone, so no voice need be installed.
"""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.languages import PHRASES
from bench.unheard.__main__ import spoken_sentences
from bench.unheard.engines import VOICES, Line
from bench.unheard.texts import TEXTS, dialogue, man_pages, manual, messages, sayable
from tests.processes import run
from tests.signals import ROOT, at_level, tone
from wakeword.audio.files import write_wav
from wakeword.phrases.language import LANGUAGES

RATE = 16_000
TONE = 400  # Hz


def catalog(path: Path, messages: dict[str, str]) -> None:
    """Write translations as gettext's .mo file: a head, a table of the messages, one of the translations, the texts."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **messages}.items())
    texts = [text.encode() for column in zip(*pairs, strict=True) for text in column]
    starts = 28 + 8 * len(texts)
    places = [starts + sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts))]
    tables = b"".join(struct.pack("<II", len(text), place) for text, place in zip(texts, places, strict=True))
    count = len(pairs)
    head = struct.pack("<IIIIIII", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(head + tables + b"".join(text + b"\0" for text in texts))


def test_each_language_with_a_voice_has_a_phrase_and_a_text() -> None:
    assert set(VOICES) <= set(TEXTS) <= set(LANGUAGES) == set(PHRASES)
    names = [voice.name for voices in VOICES.values() for voice in voices]
    assert len(set(names)) == len(names)


def test_translations_are_read_of_one_locale_and_without_what_is_not_translated(tmp_path: Path) -> None:
    catalog(tmp_path / "locale/de/LC_MESSAGES/a.mo", {"The road is long.": "Der Weg ist weit.", "Wesnoth": "Wesnoth"})
    catalog(tmp_path / "locale/de_CH/LC_MESSAGES/a.mo", {"The road is long.": "Der Wäg isch wyt."})
    assert list(messages("de")(tmp_path)) == ["Der Weg ist weit."]


def test_dialogue_is_read_of_one_language(tmp_path: Path) -> None:
    (tmp_path / "dialogs_nl.lua").write_text('dialogId("a", "font", "Calm down.")\ndialogStr("Blijf rustig.")\n')
    (tmp_path / "dialogs_de.lua").write_text('dialogStr("Ruhig bleiben.")\n')
    assert list(dialogue("nl")(tmp_path)) == ["Blijf rustig."]


def test_paragraphs_of_html_and_of_manual_pages_are_read_without_their_markup(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<h1>File</h1><p class="x">Save &amp; <b>close</b> it.</p>\n<p id="y">Again.</p>')
    assert list(manual(tmp_path)) == ["Save & close it.", "Again."]
    page = tmp_path / "man/uk/man1/a.1.gz"
    page.parent.mkdir(parents=True)
    page.write_bytes(gzip.compress(b".SH NAME\nIt prints\nthe \\fBnames\\fR.\n.PP\n\\(bu a list\n.PP\nof files.\n"))
    assert list(man_pages(tmp_path)) == ["It prints the names.", "of files."]


def test_sentences_are_of_usual_length_in_the_languages_letters_and_without_the_phrase() -> None:
    paragraphs = [
        "Der König „lebt“ noch immer dort oben… Ja! Wir ziehen\nmorgen alle zusammen los.",
        "Er zahlte dafür 300 Taler in Gold.",
        "Он живёт там, наверху, в горах.",
        "Und da rief sie laut: Hallo, Lampe, geh endlich an!",
        "Wir ziehen morgen alle zusammen los? Wir ziehen morgen alle zusammen los.",
        "x" * 201,
    ]
    assert sayable(paragraphs, LANGUAGES["de"], "hallo lampe") == [
        "Der König lebt noch immer dort oben.",
        "morgen alle zusammen los.",
        "Wir ziehen morgen alle zusammen los?",
        "Wir ziehen morgen alle zusammen los.",
    ]
    assert sayable(["こんにちは、世界の皆さん。元気？"], LANGUAGES["ja"], "ランプ") == ["こんにちは、世界の皆さん。"]


def unheard(out: Path, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    return run(
        [sys.executable, "-m", "bench.unheard", *arguments[:1], str(out), *arguments[1:]],
        cwd=ROOT,
        environment={"PATH": path},
    )


def test_without_its_engine_a_language_is_one_line(tmp_path: Path) -> None:
    missing = unheard(tmp_path, "cs", path=str(tmp_path))
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.startswith("wakeword: the program festival is not installed: apt install festival")
    unspoken = unheard(tmp_path, "tr", path=str(tmp_path))
    assert unspoken.returncode == 2
    assert unspoken.stderr.startswith("wakeword: no engine that training does not use speaks tr; choose from de, ")


class Tones:
    """An engine whose first voice says all in 0.3 seconds, and whose second in 0.6."""

    def write(self, lines: Sequence[Line], folder: Path) -> None:
        for number, line in enumerate(lines):
            write_wav(folder / f"{number}.wav", at_level(tone(TONE, 0.3 if line.voice == VOICES["uk"][0] else 0.6), -6))


def test_a_few_sentences_are_of_all_voices() -> None:
    texts = [f"Sentence {number}." for number in range(40)]
    engines = {voice.engine: Tones() for voice in VOICES["uk"]}
    spoken = spoken_sentences(texts, VOICES["uk"], engines, 4 / 3600, np.random.default_rng(0))
    assert {len(samples) > 0.45 * RATE for samples in spoken} == {False, True}


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_clips_of_all_voices_are_drawn_by_the_seed_and_named_by_how_they_are_said(tmp_path: Path) -> None:
    write_wav(tmp_path / "tone.wav", at_level(tone(TONE, 1.0), -6))
    program = tmp_path / "bin/RHVoice-test"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nfor last; do :; done\ncp {tmp_path / "tone.wav"} "$last"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    options = ("uk", "--clips", "3", "--hours", "0")
    said = unheard(tmp_path / "a", *options, path=path)
    assert (said.returncode, said.stderr) == (0, "")
    assert "6 clips of привіт лампо by rhvoice-Anatol, rhvoice-Natalia" in said.stdout
    clips = sorted((tmp_path / "a/uk/positives").iterdir())
    assert len(clips) == 6
    peaks = set()
    for clip in clips:
        samples, rate = soundfile.read(clip, dtype="int16")
        pitch = float(clip.stem.rpartition("pitch")[2])
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
        assert rate == RATE
        assert spectrum.argmax() * RATE / len(samples) == pytest.approx(TONE * pitch, rel=0.02)
        peaks.add(int(np.abs(samples).max()))
    assert len(peaks) == 6 and max(peaks) <= 0.71 * 32768
    assert unheard(tmp_path / "b", *options, path=path).returncode == 0
    assert [clip.read_bytes() for clip in clips] == [
        clip.read_bytes() for clip in sorted((tmp_path / "b/uk/positives").iterdir())
    ]
    again = unheard(tmp_path / "a", *options, path=path)
    assert again.returncode == 2 and "holds files already: give a new folder\n" in again.stderr
