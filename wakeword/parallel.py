"""A function over many tasks, by processes of this machine or by a Ray cluster; results come in the tasks' order."""

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
    """The function of each task, which like its tasks and results can be pickled.

    jobs: processes of this machine; 1 stays in this one.
    address: of a Ray cluster ("local" starts one on this machine), whose cores then decide; its machines need the
        same files at the same paths.

    Raises (while iterating):
        WakewordError: what the function raises; a process dies; or there is no cluster at the address.
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
            raise WakewordError("a process that did a part of the work was killed; take fewer --jobs") from error
        finally:
            pool.shutdown(cancel_futures=True)
