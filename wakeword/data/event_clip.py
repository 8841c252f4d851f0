"""How much of a stream around an event holds the word that raised it."""

from __future__ import annotations

from featurizer import SAMPLE_RATE
from wakeword.data.clip_length import trained_clip_seconds
from wakeword.data.keywords import in_speech_commands
from wakeword.model.file import Model

AFTER = SAMPLE_RATE // 5  # samples after the end of the event's frame
_SHORT_WORD = 0.8  # seconds that are kept before that end, of a model of single words
_LATEST = 0.4  # seconds after the end of its word in which an event comes
_SILENCE = 0.3  # seconds beside the word in a clip that a model is trained on
_UNKNOWN_LENGTH = 1.9  # seconds of such a clip, if a model doesn't tell


def samples_before(model: Model) -> int:
    """Return the samples before the end of an event's frame that hold the whole word of a model."""
    if in_speech_commands(model.keywords):
        return round(_SHORT_WORD * SAMPLE_RATE)
    trained_on = trained_clip_seconds(model.provenance) or _UNKNOWN_LENGTH
    return round((trained_on - _SILENCE + _LATEST) * SAMPLE_RATE)
