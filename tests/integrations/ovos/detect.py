"""Run in the environment of OpenVoiceOS: python detect.py, with a request as JSON on stdin.

The request names a wake word, the configuration of all wake words, and a file of raw samples, which are taken in
chunks. Prints as JSON the bytes that had been taken whenever the wake word was found; or the error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ovos_plugin_manager.wakewords import OVOSWakeWordFactory, find_wake_word_plugins

request = json.load(sys.stdin)
assert "ovos-ww-plugin-wakeword" in find_wake_word_plugins()
try:
    engine = OVOSWakeWordFactory.create_hotword(request["word"], {"hotwords": request["hotwords"]})
except Exception as error:
    json.dump({"error": str(error)}, sys.stdout)
    sys.exit()
data, chunk, found = Path(request["samples"]).read_bytes(), request["chunk"], []
for at in range(0, len(data), chunk):
    engine.update(data[at : at + chunk])
    if engine.found_wake_word():
        found.append(min(at + chunk, len(data)))
json.dump({"found": found}, sys.stdout)
