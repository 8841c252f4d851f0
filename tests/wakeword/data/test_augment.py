"""Augmentation changes waveforms by the amounts of its configuration."""

import numpy as np
import pytest

from wakeword.data.augment import Augmentation, augment, change_speed, shift

NOTHING = Augmentation(
    shift_ms=0,
    gain_db=(0, 0),
    noise_probability=0,
    snr_db=(0, 0),
    speed_probability=0,
    silence_dbfs=(-20, -20),
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def tone(hertz: float = 500.0, amplitude: float = 8_000.0, seconds: float = 1.0) -> np.ndarray:
    t = np.arange(round(16_000 * seconds)) / 16_000
    return np.rint(amplitude * np.sin(2 * np.pi * hertz * t)).astype(np.int16)


def word() -> np.ndarray:
    """A word of 0.4 s amid silence."""
    samples = np.zeros(16_000, np.int16)
    samples[5_000:11_400] = tone(seconds=0.4)
    return samples


def hiss(seconds: float = 5.0) -> np.ndarray:
    return rng(9).normal(0, 3_000, round(16_000 * seconds)).astype(np.int16)


def dbfs(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(samples.astype(float) ** 2) / 32768**2)


def changed(**settings: object) -> Augmentation:
    return Augmentation(**{**vars(NOTHING), **settings})


def test_with_everything_off_the_clip_is_unchanged() -> None:
    samples = rng().integers(-32768, 32768, 16_000).astype(np.int16)
    assert np.array_equal(augment(samples, [hiss()], rng(), NOTHING), samples)


def test_the_same_generator_gives_the_same_clip_and_the_input_is_left_alone() -> None:
    samples = word()
    first = augment(samples, [hiss()], rng(3), Augmentation())
    assert first.dtype == np.int16
    assert first.shape == (16_000,)
    assert np.array_equal(first, augment(samples, [hiss()], rng(3), Augmentation()))
    assert not np.array_equal(first, augment(samples, [hiss()], rng(4), Augmentation()))
    assert np.array_equal(samples, word())


def test_a_shift_moves_the_clip_and_fills_with_zeros() -> None:
    wave = np.arange(1, 6, dtype=np.float32)
    assert shift(wave, 2).tolist() == [0, 0, 1, 2, 3]
    assert shift(wave, -2).tolist() == [3, 4, 5, 0, 0]
    assert shift(wave, 0).tolist() == wave.tolist()
    assert not shift(wave, 5).any()
    assert not shift(wave, -5).any()


def test_shifts_go_both_ways_as_far_as_asked_and_no_further() -> None:
    starts = [np.flatnonzero(augment(word(), [], rng(i), changed(shift_ms=100)))[0] for i in range(300)]
    offsets = np.array(starts) - np.flatnonzero(word())[0]
    assert -1_600 <= offsets.min() < -1_400
    assert 1_400 < offsets.max() <= 1_600


def test_a_shift_may_be_longer_than_the_clip() -> None:
    for seed in range(20):
        assert augment(word()[:800], [], rng(seed), changed(shift_ms=100)).shape == (800,)


@pytest.mark.parametrize("gain", [-20.0, -6.0, 3.0])
def test_gain_is_in_db(gain: float) -> None:
    louder = augment(tone(), [], rng(), changed(gain_db=(gain, gain)))
    assert dbfs(louder) - dbfs(tone()) == pytest.approx(gain, abs=0.01)


def test_samples_that_get_too_loud_saturate() -> None:
    loud = augment(tone(), [], rng(), changed(gain_db=(40, 40)))
    assert (loud.min(), loud.max()) == (-32768, 32767)
    assert np.array_equal(np.sign(loud), np.sign(tone()))


@pytest.mark.parametrize("snr", [0.0, 10.0, 25.0])
@pytest.mark.parametrize("gain", [-12.0, 0.0])
def test_noise_is_added_at_the_drawn_ratio_to_the_word_not_to_the_clip(snr: float, gain: float) -> None:
    config = changed(noise_probability=1, snr_db=(snr, snr), gain_db=(gain, gain))
    noise = augment(word(), [hiss()], rng(), config) - word() * 10 ** (gain / 20)
    assert dbfs(tone()) + gain - dbfs(noise) == pytest.approx(snr, abs=0.3)


def test_noise_is_added_with_its_probability_and_from_every_recording() -> None:
    recordings = [tone(1_000), tone(3_000)]
    config = changed(noise_probability=0.8, snr_db=(6, 6))
    noises = [augment(word(), recordings, rng(i), config) - word() for i in range(300)]
    peaks = [int(np.abs(np.fft.rfft(noise)).argmax()) if noise.any() else 0 for noise in noises]
    assert set(peaks) == {0, 1_000, 3_000}
    assert 0.7 < np.mean([peak > 0 for peak in peaks]) < 0.9


def test_noise_is_cut_at_random_places_and_repeated_if_it_is_short() -> None:
    config = changed(noise_probability=1, snr_db=(10, 10))
    first, second = (augment(word(), [hiss()], rng(seed), config) for seed in (0, 1))
    assert not np.array_equal(first, second)
    repeated = (augment(word(), [hiss(0.25)], rng(), config) - word())[:8_000]
    assert np.array_equal(repeated[:4_000], repeated[4_000:])
    assert repeated.any()


def test_silent_clips_and_silent_noise_divide_by_nothing() -> None:
    zeros = np.zeros(16_000, np.int16)
    with np.errstate(all="raise"):
        assert not augment(zeros, [hiss()], rng(), changed(noise_probability=1)).any()
        assert np.array_equal(augment(word(), [zeros], rng(), changed(noise_probability=1)), word())
        assert not augment(zeros, [zeros], rng(), changed(noise_probability=1), silence=True).any()


@pytest.mark.parametrize("speed", [0.9, 1.0, 1.1])
def test_speed_changes_pitch_and_length_about_the_middle(speed: float) -> None:
    played = change_speed(word().astype(np.float32), speed)
    assert played.shape == (16_000,)
    assert np.abs(np.fft.rfft(played)).argmax() == pytest.approx(500 * speed, abs=2)
    sounding = np.flatnonzero(np.abs(played) > 800)
    assert sounding[-1] - sounding[0] == pytest.approx(6_400 / speed, abs=40)
    assert 8_000 + (sounding[0] - 8_000) * speed == pytest.approx(5_000, abs=40)
    assert np.abs(played).max() == pytest.approx(8_000, rel=0.05)


def test_silence_has_an_absolute_level_down_to_digital_silence() -> None:
    faint = changed(silence_dbfs=(-40, -40))
    assert dbfs(augment(hiss(1), [], rng(), faint, silence=True)) == pytest.approx(-40, abs=0.1)
    both = changed(silence_dbfs=(-40, -40), noise_probability=1)
    assert dbfs(augment(hiss(1), [tone()], rng(), both, silence=True)) == pytest.approx(-37, abs=0.2)
    levels = [augment(hiss(1), [], rng(i), Augmentation(), silence=True) for i in range(200)]
    assert any(not samples.any() for samples in levels)
    assert max(dbfs(samples) for samples in levels if samples.any()) < -16
