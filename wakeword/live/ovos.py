"""A wake word engine for OpenVoiceOS, loaded by ovos-plugin-manager under the name ovos-ww-plugin-wakeword."""

from __future__ import annotations

from typing import Any

import numpy as np
from ovos_plugin_manager.templates.hotwords import HotWordEngine

from wakeword.inference.engine import open_engine
from wakeword.model.labels import spelled
from wakeword.model.pretrained import load_model


class WakewordEngine(HotWordEngine):
    """Detect the words of a model in the chunks that OpenVoiceOS hands over."""

    def __init__(self, key_phrase: str, config: dict[str, Any] | None = None) -> None:
        """Open the engine.

        key_phrase: the name of the wake word in OpenVoiceOS, in any spelling. If it is a word of the model, the
            model's other words don't wake.
        config: `model`, a file or the name of a shipped model (default: the key phrase); `threshold`, a fraction of
            one for all words, or by word (default: the model's own).

        Raises:
            WakewordError: there is no such model, or a threshold makes no sense.
        """
        super().__init__(key_phrase, config)
        phrase = self.key_phrase.replace("_", " ")
        model = load_model(self.config.get("model", phrase))
        threshold = self.config.get("threshold", {})
        model = model.with_thresholds(
            threshold if isinstance(threshold, dict) else dict.fromkeys(model.keywords, threshold)
        )
        self._engine = open_engine(model)
        known = spelled(phrase, model.keywords)
        words = model.keywords if known is None else [known]
        self._wakes = {model.labels.index(word) for word in words}
        self._rest = b""
        self._found = False

    def update(self, chunk: bytes) -> None:
        """Take the next samples of the stream: int16 at 16 kHz, little-endian, any number of bytes."""
        data = self._rest + chunk
        whole = len(data) // 2 * 2
        self._rest = data[whole:]
        events = self._engine.push(np.frombuffer(data[:whole], "<i2").astype(np.int16)).events
        self._found = self._found or any(event.label in self._wakes for event in events)

    def found_wake_word(self) -> bool:
        """Return whether a wake word came since this was last called."""
        found, self._found = self._found, False
        return found

    def reset(self) -> None:
        """Begin a new stream."""
        self._engine.reset()
        self._rest, self._found = b"", False
