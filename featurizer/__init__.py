"""The streaming log-mel front end in integers. It owns every constant and table, and needs only NumPy."""

from .logmel import Featurizer, clip_features, clip_frames, pad_clip
from .tables import FEATURE_BITS, FEATURIZER_ID, HOP, MEL_BANDS, SAMPLE_RATE, WINDOW

__all__ = [
    "FEATURE_BITS",
    "FEATURIZER_ID",
    "HOP",
    "MEL_BANDS",
    "SAMPLE_RATE",
    "WINDOW",
    "Featurizer",
    "clip_features",
    "clip_frames",
    "pad_clip",
]
