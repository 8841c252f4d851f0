"""The loudspeaker, through PortAudio."""

from __future__ import annotations

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.microphone import portaudio
from wakeword.errors import DeviceError


def play(samples: Samples) -> None:
    """Play samples, int16 (n,), and return when they are over.

    Raises:
        DeviceError: sounddevice, PortAudio or a loudspeaker is missing.
    """
    sounddevice = portaudio()
    try:
        sounddevice.play(samples, SAMPLE_RATE, blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(f"there is no loudspeaker to play on ({error}); connect one") from error
