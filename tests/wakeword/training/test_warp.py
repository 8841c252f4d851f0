"""A warp says half of the clips at another pace and by another vocal tract; the end of a clip stays where it is."""

import torch

from wakeword.training.warp import random_warp

# The value of a frame is its number in one, and the value of a band in the other.
FRAMES = torch.arange(100.0)[None, :, None].expand(2000, 100, 32)
BANDS = torch.arange(32.0).expand(2000, 4, 32)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_half_of_the_clips_stay_as_they_are_to_the_bit() -> None:
    same = (random_warp(FRAMES, 0.3, 1.0, generator()) == FRAMES).flatten(1).all(dim=1)
    assert same.float().mean().sub(0.5).abs() < 0.05


def test_time_never_runs_back_and_ends_where_it_did() -> None:
    warped = random_warp(FRAMES, 0.3, 0.0, generator())[:, :, 0]
    assert (warped[:, -1] == 99).all()
    assert (warped.diff(dim=1) >= 0).all() and warped.min() >= 0


def test_the_pace_varies_as_much_as_is_wanted() -> None:
    paces = random_warp(FRAMES, 0.25, 0.0, generator())[:, :, 0].diff(dim=1)[:, -40:].log2()
    assert paces[paces[:, 0] != 0].std().sub(0.25).abs() < 0.03


def test_the_pace_changes_along_a_clip() -> None:
    paces = random_warp(FRAMES, 0.25, 0.0, generator())[:, :, 0].diff(dim=1)[:, -40:].log2()
    assert (paces[:, 0] - paces[:, -1]).std() > 0.2


def test_the_middle_band_moves_farthest_and_those_at_the_edges_stay() -> None:
    moves = random_warp(BANDS, 0.0, 1.5, generator())[:, 0] - BANDS[:, 0]
    moved = moves[moves[:, 16] != 0]
    assert moved[:, 16].std().sub(1.5).abs() < 0.1
    assert moved[:, 4].std() < 0.6 * moved[:, 16].std()
    assert torch.allclose(moves[:, [0, 31]], torch.zeros(()), atol=1e-5)


def test_all_frames_of_a_clip_are_of_one_vocal_tract() -> None:
    warped = random_warp(BANDS, 0.0, 1.5, generator())
    assert torch.equal(warped[:, 0], warped[:, 3])


def test_without_either_nothing_is_changed_or_drawn() -> None:
    source = generator()
    assert torch.equal(random_warp(FRAMES, 0.0, 0.0, source), FRAMES)
    assert torch.equal(torch.rand(3, generator=source), torch.rand(3, generator=generator()))


def test_a_clip_of_one_frame_or_one_band_can_be_warped() -> None:
    for shape in ((3, 1, 32), (3, 50, 1)):
        assert torch.equal(random_warp(torch.ones(shape), 0.3, 1.0, generator()), torch.ones(shape))
