"""Apply a function to many tasks in order, with processes of this machine or a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from wakeword.errors import WakewordError

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Task], Result], tasks: Sequence[Task], jobs: int = 1, address: str | None = None
) -> Iterator[Result]:
    """Yield the result of the function for each task, in their order. Function, tasks and results can be pickled.

    jobs: processes of this machine; 1: this process.
    address: of a Ray cluster, whose cores replace `jobs` and whose machines need the same files at the same paths;
        "local" starts one on this machine.

    Raises (while iterating):
        WakewordError: a process dies, there is no cluster at the address, or the function raises it.
    """
    if address is not None:
        from wakeword.cluster import on_ray

        yield from on_ray(function, tasks, address)
    elif jobs == 1 or len(tasks) < 2:
        yield from map(function, tasks)
    else:
        yield from _by_processes(function, tasks, min(jobs, len(tasks)))


def _by_processes(function: Callable[[Task], Result], tasks: Sequence[Task], jobs: int) -> Iterator[Result]:
    # Spawned, since a fork of a process with threads may hang.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(function, tasks)
        except BrokenProcessPool as error:
            raise WakewordError("a process was killed, perhaps for want of memory; take fewer --jobs") from error
        finally:
            pool.shutdown(cancel_futures=True)
