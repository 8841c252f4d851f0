"""Apply a function to many tasks on a Ray cluster (Moritz et al., arXiv:1712.05889)."""

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

_TIMEOUT = 10.0  # seconds for a cluster to answer
_OBJECT_STORE = 100 * 2**20  # bytes, of a Ray started here; counts and lists of files are small


def on_ray(function: Callable[[Task], Result], tasks: Sequence[Task], address: str) -> Iterator[Result]:
    """Yield the result of the function for each task, in their order, on as many cores as the cluster gives.

    address: of a cluster; "local" starts one on this machine for the time of the call.

    If the iteration ends early, tasks still running end with the connection to the cluster. They aren't cancelled:
    Ray 2.60 aborts the process if a task is cancelled between the arrival of its result and its completion
    (TaskManager::CompletePendingTask, "Tried to complete task that was not pending").

    Raises (while iterating):
        WakewordError: no cluster answers, too many of its machines die, or the function raises it.
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
            raise WakewordError(
                f"Ray gave up: {str(error).splitlines()[0]}; leave out --address to work on this machine"
            ) from error


def _apply(function: Callable[[Task], Result], task: Task) -> Result:
    return function(task)


def _refuse_silent(address: str | None) -> None:
    """Raise WakewordError if nothing answers at HOST:PORT: Ray itself would try for more than a minute."""
    host, colon, port = (address or "").rpartition(":")
    if not (host and colon and port.isdigit()):
        return
    try:
        socket.create_connection((host.removeprefix("ray://"), int(port)), timeout=_TIMEOUT).close()
    except (OSError, OverflowError) as error:
        raise WakewordError(
            f"no Ray cluster answers at {address} ({error}); check --address, or leave it out"
        ) from error


@contextmanager
def session(address: str | None, cpus: int | None = None) -> Iterator[None]:
    """Connect to the cluster at an address, or start Ray on this machine (None or "local"), until the context ends.

    A session already open in this process is used, and left open.

    cpus: cores of a Ray started here; None: those of the machine.

    Raises:
        WakewordError: there is no cluster at the address, or Ray can't be started.
    """
    if ray.is_initialized():
        yield
        return
    _refuse_silent(address)
    own: dict[str, Any] = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    settings = {"address": "local"} | own if address in (None, "local") else {"address": address}
    try:
        ray.init(**settings, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:  # Ray has many classes of errors, and raises a plain one if its daemons start too slowly
        raise WakewordError(f"Ray can't be reached or started ({error}); check --address, or leave it out") from error
    try:
        yield
    finally:
        ray.shutdown()
