"""Files as telephones, browsers and cameras write them, made by PyAV's encoders."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

# File names, and the codec and the rate of each.
KINDS = [
    ("a.m4a", "aac", 44_100),
    ("a.mp4", "aac", 48_000),
    ("a.aac", "aac", 16_000),
    ("a.webm", "libopus", 48_000),
    ("a.mka", "libopus", 48_000),
    ("lossless.m4a", "alac", 44_100),
    ("a.mov", "pcm_s16le", 48_000),
    ("a.3gp", "libopencore_amrnb", 8_000),
    ("a.amr", "libopencore_amrnb", 8_000),
]
_MUXERS = {".aac": "adts"}


def write(
    path: Path, signal: npt.NDArray[np.floating], codec: str, rate: int, *, channels: int = 1, picture: bool = False
) -> None:
    """Write a signal within [-1, 1], shape (samples,), the same in each channel. picture: with a second of video."""
    import av

    layout = "mono" if channels == 1 else "stereo"
    samples = np.repeat(np.round(32_767 * signal).astype(np.int16), channels)
    with av.open(path, "w", format=_MUXERS.get(path.suffix)) as out:
        sound = out.add_stream(codec, rate=rate, layout=layout)
        if picture:
            video = out.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
            for number in range(25):
                image = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
                image.pts, image.time_base = number, Fraction(1, 25)
                out.mux(video.encode(image))
            out.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", layout)
        frame.sample_rate, frame.pts = rate, 0
        context = sound.codec_context
        form = av.AudioResampler(context.format, layout, rate, context.frame_size or None)
        for part in (*form.resample(frame), *form.resample(None)):
            out.mux(sound.encode(part))
        out.mux(sound.encode(None))
