"""What a processor waits for its memory, by hand from the makers' manuals."""

from __future__ import annotations

import pytest

from bench.firmware.waits import DueMemory, Memory, Mkr1000Memory

RAM = 0x20000000


def straight_on(memory: Memory, addresses: range, now: int = 10, jumped: bool = True) -> list[int]:
    """What each instruction waits for, of those at the addresses, a cycle each, the first of them jumped to."""
    waits = []
    for address in addresses:
        waits.append(memory.fetch(address, addresses.step, jumped, now))
        now += 1 + waits[-1]
        jumped = False
    return waits


def test_a_due_waits_four_cycles_for_what_it_jumps_to_and_none_for_short_instructions_behind_it() -> None:
    assert straight_on(DueMemory(), range(0, 64, 2)) == [4] + 31 * [0]


def test_a_due_waits_a_cycle_for_each_line_of_four_long_instructions() -> None:
    assert straight_on(DueMemory(), range(0, 64, 4)) == [4, 0, 0, 0] + 3 * [1, 0, 0, 0]


def test_three_wait_states_are_hidden_from_code_that_goes_straight_on_as_the_manual_draws_it() -> None:
    memory = DueMemory()
    memory.flash.CYCLES = 4
    assert straight_on(memory, range(0, 64, 4)) == [3] + 15 * [0]


def test_a_due_keeps_the_line_of_a_loop_that_ends_well_before_it() -> None:
    memory = DueMemory()
    straight_on(memory, range(0, 4, 2))
    assert memory.fetch(0, 2, True, 100) == 0
    straight_on(memory, range(0, 16, 2), now=200)  # which makes it fetch the line behind, and that the one behind it
    assert memory.fetch(0, 2, True, 300) == 4


def test_a_due_keeps_one_line_of_constants() -> None:
    memory = DueMemory()
    assert [memory.access(address, now) for now, address in enumerate([0x100, 0x10C, 0x200, 0x100], 10)] == [
        4,
        0,
        7,
        11,
    ]
    assert memory.access(RAM, 100) == 0


def test_code_in_a_due_s_ram_comes_at_a_word_each_two_cycles() -> None:
    assert sum(straight_on(DueMemory(), range(RAM, RAM + 80, 4))) == pytest.approx(20, abs=2)
    assert sum(straight_on(DueMemory(), range(RAM, RAM + 80, 2))) <= 2


def loop(memory: Memory, size: int) -> list[int]:
    """What each of four rounds of a loop waits for."""
    return [sum(straight_on(memory, range(0, size, 2))) for _ in range(4)]


@pytest.mark.parametrize(("size", "waits"), [(64, [8, 0, 0, 0]), (128, [16, 16, 16, 16])])
def test_an_mkr1000_waits_once_for_each_line_that_its_cache_does_not_hold(size: int, waits: list[int]) -> None:
    assert loop(Mkr1000Memory(), size) == waits


def test_an_mkr1000_s_constants_drive_code_out_of_the_cache() -> None:
    memory = Mkr1000Memory()
    loop(memory, 64)
    assert [memory.access(1024, 0), memory.access(1028, 0)] == [1, 0]
    assert sum(straight_on(memory, range(0, 64, 2))) == 1


def test_an_mkr1000_waits_for_nothing_in_its_ram() -> None:
    assert loop(Mkr1000Memory(), 0) == [0] * 4
    assert not any(straight_on(Mkr1000Memory(), range(RAM, RAM + 256, 2)))
