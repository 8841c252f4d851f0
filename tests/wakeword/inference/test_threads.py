"""One engine in several threads: each call has it to itself; none is lost, mixed with another or blocked for ever."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from featurizer import Featurizer
from featurizer.logmel import Samples
from tests.signals import at_level
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from wakeword.errors import UsageError
from wakeword.inference.c_core import CoreEngine, core_push
from wakeword.inference.cascade import CascadeEngine
from wakeword.inference.combined import CombinedEngine
from wakeword.inference.engine import Engine, NumpyEngine, push_all
from wakeword.inference.trace import Trace

MODEL = random_model()
THREADS = 8
# Of one period, so that the stream is the same whichever thread's block comes first.
BLOCK = np.tile(at_level(np.random.default_rng(0).normal(size=160), -10), 5)
ARRAYS = ("features", "hidden", "posteriors", "scores")
ENGINES: dict[str, Callable[[], Engine]] = {
    "c": lambda: CoreEngine(MODEL),
    "numpy": lambda: NumpyEngine(MODEL),
    "cascade": lambda: CascadeEngine(MODEL, MODEL, "c"),
    "cascade in numpy": lambda: CascadeEngine(MODEL, MODEL, "numpy"),
    "combined": lambda: CombinedEngine([MODEL, MODEL], [MODEL], "c"),
}


@pytest.fixture(autouse=True)
def quick_changes_of_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(work: Sequence[Callable[[], None]]) -> None:
    """Run each in a thread of its own, all from the same moment on; raise what one of them raises."""
    begin, errors = threading.Barrier(len(work)), []

    def run(one: Callable[[], None]) -> None:
        begin.wait(PATIENCE)
        try:
            one()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(one,), daemon=True) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "threads wait for each other"
    if errors:
        raise errors[0]


def rows(traces: Sequence[Trace]) -> list[Any]:
    """Return all frames and events of a stream, in an order that doesn't depend on who pushed them."""
    frames = [[*map(bytes, row)] for it in traces for row in zip(*(getattr(it, name) for name in ARRAYS), strict=True)]
    return [sorted(frames), sorted((it.frame, it.label, it.score) for trace in traces for it in trace.events)]


def alone(kind: str, pushes: int, block: Samples = BLOCK) -> list[Any]:
    engine = ENGINES[kind]()
    return rows([engine.push(block) for _ in range(pushes)])


@pytest.mark.parametrize(("kind", "pushes"), [("c", 200), ("numpy", 3), ("cascade", 20), ("cascade in numpy", 2)])
def test_threads_that_share_an_engine_get_the_frames_of_one_stream(kind: str, pushes: int) -> None:
    engine = ENGINES[kind]()
    traces: list[Trace] = []

    def push() -> None:
        for _ in range(pushes):
            traces.append(engine.push(BLOCK))

    in_threads([push] * THREADS)

    assert rows(traces) == alone(kind, pushes * THREADS)


@pytest.mark.parametrize(("kind", "blocks"), [("c", 1_750), ("numpy", 40), ("cascade", 500)])
def test_a_reset_waits_until_the_push_of_another_thread_is_done(kind: str, blocks: int) -> None:
    engine, done = ENGINES[kind](), threading.Event()
    long = np.tile(BLOCK, blocks)
    traces: list[Trace] = []

    def push() -> None:
        try:
            traces.append(engine.push(long))
        finally:
            done.set()

    def reset() -> None:
        while not done.is_set():
            engine.reset()

    in_threads([push, reset])
    assert rows(traces) == alone(kind, 1, long)


def test_a_push_of_several_calls_into_c_is_not_mixed_with_another() -> None:
    engine = CoreEngine(MODEL)
    long = np.resize(BLOCK, 1_400_000)  # more than a call takes; a multiple of the period
    traces: list[Trace] = []
    in_threads([lambda: traces.append(engine.push(long))] * 2)
    assert rows(traces) == alone("c", 2, long)
    assert sorted(len(trace.features) for trace in traces) == [8_748, 8_750]  # the first has no window before it


def test_threads_that_push_the_same_engines_in_any_order_neither_mix_them_nor_wait_for_ever() -> None:
    engines = [CoreEngine(MODEL) for _ in range(6)]
    rng = np.random.default_rng(1)
    traces: list[list[Trace]] = [[] for _ in engines]

    def push(orders: list[list[int]]) -> Callable[[], None]:
        def run() -> None:
            for order in orders:
                for number, trace in zip(order, core_push([engines[n] for n in order], [BLOCK] * 6), strict=True):
                    traces[number].append(trace)

        return run

    in_threads([push([rng.permutation(6).tolist() for _ in range(50)]) for _ in range(THREADS)])

    wanted = alone("c", 50 * THREADS)
    assert all(rows(found) == wanted for found in traces)


@pytest.mark.parametrize("kind", ["c", "numpy"])
def test_an_engine_that_is_given_twice_is_refused_and_nothing_is_pushed(kind: str) -> None:
    one, other = ENGINES[kind](), ENGINES[kind]()
    with pytest.raises(UsageError, match=r"^an engine is given twice; give each stream an engine of its own$"):
        push_all([one, other, one], [BLOCK] * 3)
    with pytest.raises(UsageError, match=r"^2 engines take a block each, and there are 1 blocks$"):
        push_all([one, other], [BLOCK])
    assert rows([one.push(BLOCK)]) == alone(kind, 1)  # its lock is free


def test_a_block_of_another_type_leaves_the_locks_free() -> None:
    engines = [CoreEngine(MODEL), CoreEngine(MODEL)]
    with pytest.raises(TypeError, match="int16"):
        core_push(engines, [BLOCK, BLOCK.astype(np.float32)])
    assert [rows([trace]) for trace in core_push(engines, [BLOCK] * 2)] == [alone("c", 1)] * 2


def test_no_engines_give_no_traces() -> None:
    assert push_all([], []) == []


def test_threads_that_share_a_featurizer_get_the_frames_of_one_stream() -> None:
    featurizer = Featurizer()
    found: list[bytes] = []

    def push() -> None:
        for _ in range(50):
            found.extend(map(bytes, featurizer.push(BLOCK)))

    in_threads([push] * THREADS)

    assert len(found) == len(Featurizer().push(np.tile(BLOCK, 50 * THREADS)))
