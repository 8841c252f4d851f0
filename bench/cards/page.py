"""The page of the shipped models: a card for each."""

from __future__ import annotations

from pathlib import Path

from bench.cards.measure import SNR, SPEED, TELEPHONE
from wakeword.evaluation.card import card
from wakeword.model.pretrained import figures, load_model, shipped_models

PAGE = Path(__file__).parents[2] / "docs/models.md"

_HEAD = f"""# The models that ship

`wakeword models` lists them, `wakeword models NAME` prints the card of one. `python -m bench.cards` measured the
figures and wrote this page.

- **Right**: of a model of command words, the test clips of DATA that it classifies right. Of a wake word, the clips of
  real people that it hears at its own threshold, each after 1.5 s of near silence. In noise, and while others talk, the
  clip's loudest quarter is {SNR:.0f} dB above recordings of noise or above acted dialogue, which also come before it.
  Played {SPEED} times as fast and high, a grown-up sounds nearer to a child. Through a telephone, a clip has nothing
  below {TELEPHONE[0]:.0f} and above {TELEPHONE[1]:.0f} Hz. Voices are low or high by median pitch
  (`bench/cards/pitch.py`). If there are no real recordings of a word, the clips are Kokoro's: other draws of voices
  that training heard too, so real people are missed more often.
- **False accepts**: detections at the model's own thresholds in streams in which nobody says the word. A stream that
  the model was trained on is left out. Acted dialogue has nothing above 5.5 kHz. Speech in other languages says little
  about English words that sound alike. Some words of *google12* and *digits10* are really said in the streams, which
  count too.
- **Intervals** are at 95 %, Wilson's of shares and Garwood's of rates.

OUT is the folder that `python -m bench.streams OUT` wrote; SPEECH holds recorded sentences, WAKEWORDS clips of people
who say a wake word, DATA Speech Commands. SPOKEN is what `wakeword synth WORD --engine kokoro --seed 1 --out SPOKEN`
wrote. `wakeword synth --without google12 --count 900 --out talk` writes talk.
"""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *map(_section, shipped_models())])


def _section(name: str) -> str:
    rows = "\n".join(f"| {title} | {_escaped(text)} |" for title, text in card(load_model(name), name))
    found = figures(name)
    measured = [*found.get("right", ()), *found.get("false_accepts", ())]
    commands = "\n".join(dict.fromkeys(figure["command"] for figure in measured))
    return f"## {name}\n\n| | |\n|---|---|\n{rows}\n\n```\n{commands}\n```\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
