"""A function over many tasks on a Ray cluster (Moritz et al., arXiv:1712.05889)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray is imported

import ray
from ray.exceptions import RayError, RayTaskError

from wakeword.errors import WakewordError

Task = TypeVar("Task")
Result = TypeVar("Result")

_OBJECT_STORE = 100 * 2**20  # bytes, of a Ray that is started here; tallies and lists of files are small


def on_ray(function: Callable[[Task], Result], tasks: Sequence[Task], address: str) -> Iterator[Result]:
    """The function of each task, in their order, on as many cores as the cluster gives.

    address: a cluster's, or "local" for one that lives on this machine and as long as this takes.

    Raises (while iterating):
        WakewordError: what the function raises; no cluster answers; or too many of its machines die.
    """
    with _session(address):
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
        finally:
            for result in waiting:
                ray.cancel(result, force=True)


def _apply(function: Callable[[Task], Result], task: Task) -> Result:
    return function(task)


@contextmanager
def _session(address: str) -> Iterator[None]:
    """The cluster; one that this process is connected to already is taken as it is, and left so."""
    if ray.is_initialized():
        yield
        return
    own: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    settings = {"address": address} | (own if address == "local" else {})
    try:
        ray.init(**settings, log_to_driver=False, logging_level=logging.CRITICAL)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise WakewordError(f"Ray can't be reached at {address}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()
