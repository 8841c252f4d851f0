"""A function over many tasks on a Ray cluster (Moritz et al., arXiv:1712.05889)."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray is imported

import ray
from ray.exceptions import RayError, RayTaskError

from wakeword.errors import WakewordError

Task = TypeVar("Task")
Result = TypeVar("Result")

_PATIENCE = 10.0  # seconds for a cluster to answer
_OBJECT_STORE = 100 * 2**20  # bytes, of a Ray that is started here; tallies and lists of files are small


def on_ray(function: Callable[[Task], Result], tasks: Sequence[Task], address: str) -> Iterator[Result]:
    """The function of each task, in their order, on as many cores as the cluster gives.

    address: a cluster's, or "local" for one that lives on this machine and as long as this takes.

    What is still at work when this ends early ends when Ray is left. It isn't cancelled one by one: Ray 2.60 aborts
    the whole process where a task is cancelled between its result's arrival and its entry in the books
    (TaskManager::CompletePendingTask, "Tried to complete task that was not pending").

    Raises (while iterating):
        WakewordError: what the function raises; no cluster answers; or too many of its machines die.
    """
    with session(address):
        work: Any = ray.remote(num_cpus=1)(_apply)
        shared = ray.put(function)
        waiting = [work.remote(shared, task) for task in tasks]
        try:
            for result in waiting:
                yield ray.get(result)
        except RayTaskError as error:
            raise error.cause from error
        except RayError as error:
            raise WakewordError(f"Ray gave the work up: {str(error).splitlines()[0]}") from error


def _apply(function: Callable[[Task], Result], task: Task) -> Result:
    return function(task)


def _refuse_silent(address: str | None) -> None:
    """Raise WakewordError where nobody answers at HOST:PORT: Ray itself would try for more than a minute."""
    host, colon, port = (address or "").rpartition(":")
    if not (host and colon and port.isdigit()):
        return
    try:
        socket.create_connection((host.removeprefix("ray://"), int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise WakewordError(f"Ray can't be reached or started: {address}: {error}") from error


@contextmanager
def session(address: str | None, cpus: int | None = None) -> Iterator[None]:
    """The cluster of an address, or Ray on this machine for as long as this takes (None or "local").

    cpus: that a Ray started here has; None: the machine's. One that runs in this process already is taken as it is,
    and left running. Raises WakewordError where there is no cluster.
    """
    if ray.is_initialized():
        yield
        return
    _refuse_silent(address)
    own: dict[str, Any] = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    settings = {"address": "local"} | own if address in (None, "local") else {"address": address}
    try:
        ray.init(**settings, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:  # Ray's own are of many classes, and a plain one where its daemons start too slowly
        raise WakewordError(f"Ray can't be reached or started: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()
