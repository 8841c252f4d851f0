"""From a verdict on the dashboard to a training that counts the clip for the phrase."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from featurizer import HOP, SAMPLE_RATE, WINDOW
from tests.service.live import running, settings, words_of_demo
from tests.signals import demo
from tests.waits import until
from tests.wakeword.terminal import Run
from wakeword.audio.files import read_audio
from wakeword.data.examples import load_examples
from wakeword.data.keywords import UNKNOWN, keyword_set
from wakeword.model.file import read_model, write_model
from wakeword.model.pretrained import load_model
from wakeword.networks import fused

PHRASE = "what's up café"
BRIEF = ["low_rank=1", "sparse=1", "quantized=1", "clips_per_word=20", "epochs_per_draw=3", "evidence=3"]
BRIEF += ["teacher.epochs=1", "teacher.clips_per_word=20"]


def model_of_the_phrase(path: Path) -> str:
    """A shipped model under whose name for its first word of the demo is the phrase. Returns its path.

    It says that its clips had 1.9 s, so that two seconds before an event are kept.
    """
    shipped = load_model()
    (word, _), *_ = words_of_demo()
    labels = tuple(PHRASE if label == word else label for label in shipped.labels)
    write_model(replace(shipped, labels=labels, provenance={**shipped.provenance, "clip_seconds": 1.9}), path)
    return str(path)


@pytest.fixture
def feedback(tmp_path: Path) -> Path:
    """Verdicts on a phrase with a space, an apostrophe and an accent: one wrong, the others right, one missed."""
    own = settings(tmp_path / "data", clips=True, models=(model_of_the_phrase(tmp_path / "phrase.safetensors"),))
    with running(own) as live:
        with live.stream() as socket:
            for start in range(0, len(demo()), 1600):
                socket.send(demo()[start : start + 1600].astype("<i2").tobytes())
            until(lambda: len(live.http.get("/api/events").json()["events"]) == len(words_of_demo()))
            missed = live.http.post("/api/sources/kitchen/missed", json={"word": PHRASE})
            assert missed.json()["file"].startswith(f"{PHRASE}/"), missed.text
        events = live.http.get("/api/events", params={"word": PHRASE}).json()["events"]
        assert events
        for number, event in enumerate(events):
            verdict = {"verdict": "right" if number else "wrong"}
            url = f"/api/events/{event['id']}"
            until(lambda url=url: len(live.http.get(f"{url}/clip?format=wav").content) > 2 * SAMPLE_RATE)  # type: ignore[misc]
            assert live.http.post(f"{url}/verdict", json=verdict).status_code == 200
        # And once more, the other way round: a verdict may be changed.
        assert live.http.post(f"/api/events/{events[0]['id']}/verdict", json={"verdict": "right"}).status_code == 200
        other = next(it for it in live.http.get("/api/events").json()["events"] if it["word"] != PHRASE)
        assert live.http.post(f"/api/events/{other['id']}/verdict", json={"verdict": "wrong"}).status_code == 200
        for event in events:
            whole_phrase_is_filed(own.feedback_folder / PHRASE / f"event-{event['id']}.wav", event["frame"])
    return own.feedback_folder


def whole_phrase_is_filed(path: Path, frame: int) -> None:
    """Assert that a clip is what was said in the two seconds before the event, and a little after it."""
    end = frame * HOP + WINDOW
    heard = demo()[max(0, end - 2 * SAMPLE_RATE) : end + SAMPLE_RATE // 5]
    assert np.array_equal(read_audio(path), heard)


def test_clips_judged_right_count_for_the_phrase_in_the_next_training(
    feedback: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = [word for word, _ in words_of_demo()].count(words_of_demo()[0][0])
    keywords = keyword_set(PHRASE)
    examples = load_examples(feedback, keywords, "all", cut_silence=False, missing_ok=True)
    counted = [keywords.labels[label] for label in examples.labels]
    assert (counted.count(PHRASE), counted.count(UNKNOWN)) == (spoken + 1, 1)

    fused.kernel()  # from the cache that it was built in
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = tmp_path / "better.safetensors"
    options = [text for setting in BRIEF for text in ("--set", setting)]
    command = [
        "train",
        "--keywords",
        PHRASE,
        "--extra",
        str(feedback),
        "--clips",
        "20",
        "--size",
        "1",
        "--out",
        str(out),
    ]
    done = run(*command, *options)
    assert done.status == 0, done.err
    assert f"{feedback}: {PHRASE} {spoken + 1} clips; {UNKNOWN} 1 clip\n" in done.err
    model = read_model(out)
    assert model.keywords == (PHRASE,)
    assert 1 <= model.provenance["clip_seconds"] <= 4
