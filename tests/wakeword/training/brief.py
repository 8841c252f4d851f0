"""Settings of a training that takes seconds and still hears its phrase."""

# Some hundred batches are enough for dry speech, without rooms, cheap microphones or a teacher. Half of the usual
# negatives suffice against a few sentences.
_SETTINGS = (
    "hidden=48 frames_per_step=2 evidence=3 density=1 batch_size=16 learning_rate=0.01 weight_decay=0 "
    "low_rank=16 sparse=2 quantized=20 validation_interval=19 clips_per_word=100 epochs_per_draw=10 "
    "unknown=3 negatives=3 silence=0.2 carry_probability=0.3 false_accept_loss=0.1 "
    "equalizer=0 noise_probability=0.3 room_probability=0 microphone_probability=0"
)
BRIEF = ("--preset", "small", *(text for setting in _SETTINGS.split() for text in ("--set", setting)))
