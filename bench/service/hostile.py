"""Attack the service while it works: one attack after the other, beside streams that must not notice.

A figure of an attack is that of the time from its beginning to the beginning of the next one. A line on stderr tells of
the end of each.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.accuracy.record import table_text
from bench.service.api_attacks import API_ATTACKS
from bench.service.attacker import PATIENCE, Attacker
from bench.service.attacks import ATTACKS, Attack
from bench.service.load import Load, put_under_load
from bench.service.process import served, unclaimed_port
from bench.service.watch import Watch, highest
from bench.service.wyoming_attacks import WYOMING_ATTACKS
from featurizer.logmel import Samples
from wakeword.errors import UsageError
from wakeword.files import write_whole
from wakeword.model.file import Model

STREAMS = 50
NOTHING = "no attack"
ALL = "the whole run"
_REST = 1.0  # seconds after each attack
_OPENING = 4.0  # seconds in which the streams are opened
LATENCY, HEALTH, MEMORY = "99th percentile, ms", "`/healthz`, ms", "memory, MB"
_FIGURES = {LATENCY: "delay of an event, 99th percentile, ms", HEALTH: "slowest answer of `/healthz`, ms"}
_GOALS = {LATENCY: 500, HEALTH: 1000, MEMORY: 400, "samples lost": 0, "events lost": 0}
_ATTACKS: dict[str, Attack] = {**API_ATTACKS, **ATTACKS, **WYOMING_ATTACKS}


async def _wait(url: str, seconds: float) -> None:
    """Attack nothing, to show what an attack changes."""
    await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Row:
    """The figures of one attack, or of the whole run."""

    attack: str
    figures: dict[str, float]
    share: float  # of a core that the service got; on a busy machine it is less than it wants
    failure: str = ""  # of the attack itself: the service let it in, or it has a fault

    def __str__(self) -> str:
        figures = ", ".join(
            f"{name} {value:,.0f}{'' if value <= _GOALS[name] else ' MISSED'}" for name, value in self.figures.items()
        )
        failure = f"; {self.failure}" if self.failure else ""
        return f"{self.attack}: {figures}, {100 * self.share:.0f} % of a core{failure}"


def attacks(chosen: Sequence[str]) -> list[str]:
    """Return the attacks of a run, in their order: the chosen ones, or all.

    Raises:
        UsageError: there is no attack of this name.
    """
    for name in chosen:
        if name not in _ATTACKS:
            raise UsageError(f"there is no attack {name!r}; choose of {', '.join(_ATTACKS)}")
    return list(chosen or _ATTACKS)


def run_hostile(recording: Samples, model: Model, names: Sequence[str], each: int, streams: int = STREAMS) -> list[Row]:
    """Attack a service, so many seconds by each attack, and print and return a row for each."""
    wyoming = f"tcp://127.0.0.1:{unclaimed_port()}"
    options = ["--no-microphone", "--clips", "--wyoming", wyoming]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), *options) as process,
        Attacker({**_ATTACKS, NOTHING: _wait}) as attacker,
    ):
        watch = Watch(process)
        try:
            stream = partial(put_under_load, process.url, recording, model, streams)
            load, spans = asyncio.run(_beside(stream, attacker, process.url, wyoming, names, each))
        finally:
            watch.end()
        stored = _stored_events(Path(folder) / "events.sqlite")
    rows = [_row(load, watch, *span) for span in spans]
    rows.append(_whole(load, watch, stored, spans))
    for row in rows:
        print(row)
    print(f"{streams} streams; the client was late by {1000 * load.lateness():.0f} ms at most")
    return rows


def write_records(file: Path, rows: Sequence[Row], each: int) -> None:
    """Write the figures as a table of bench/results. each: seconds of an attack."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    shared = {
        "seeds": "none",
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} after, client and service on it",
        "data": f"{STREAMS} streams in real time, a word every two seconds in each; each attack in turn",
        "date": datetime.date.today().isoformat(),
        "commit": commit.strip(),
        "command": f"wakeword bench service --hostile --each {each}",
        "decimals": 0,
    }
    write_whole(file, table_text(shared, {}, [record for row in rows for record in _records(row)]).encode())


def _records(row: Row) -> list[dict[str, Any]]:
    name = row.attack.replace("_", " ")
    records: list[dict[str, Any]] = []
    for figure, value in row.figures.items():
        record: dict[str, Any] = {"row": name, "column": figure, "values": [round(value)]}
        if row.attack == ALL:
            goal = {"at_most": _GOALS[figure]}
            record |= {"goal": goal, "task": f"{STREAMS} streams under attack", "figure": _FIGURES.get(figure, figure)}
        records.append(record)
    return records


Span = tuple[str, str, float, float]  # attack, its failure, begin, end


async def _beside(
    stream: Callable[[int, asyncio.Event], Coroutine[Any, Any, Load]],
    attacker: Attacker,
    url: str,
    wyoming: str,
    names: Sequence[str],
    each: int,
) -> tuple[Load, list[Span]]:
    """Make the attacks beside the streams, which end after the last attack."""
    order = [NOTHING, *names]
    enough = asyncio.Event()
    longest = _OPENING + len(order) * (each + PATIENCE + _REST)
    streaming = asyncio.create_task(stream(int(longest), enough))
    await asyncio.sleep(_OPENING)
    spans: list[Span] = []
    for number, name in enumerate(order, 1):
        target = wyoming if name in WYOMING_ATTACKS else url
        begin = time.monotonic()
        failure = await asyncio.to_thread(attacker.attack, name, target, each)
        await asyncio.sleep(_REST)
        end = time.monotonic()
        spans.append((name, failure, begin, end))
        done = f"{number} of {len(order)}: {name}, {end - begin:.1f} s"
        print(f"{done}; {failure}" if failure else done, file=sys.stderr, flush=True)
    enough.set()
    print("waiting for the last events, and for what the engine alone finds", file=sys.stderr, flush=True)
    return await streaming, spans


def _row(load: Load, watch: Watch, attack: str, failure: str, begin: float, end: float) -> Row:
    latencies = [latency for arrived, latency in load.arrivals() if begin <= arrived - latency < end]
    return Row(attack, _figures(latencies, watch, begin, end), watch.share(begin, end), failure)


def _whole(load: Load, watch: Watch, stored: int, spans: Sequence[Span]) -> Row:
    expected = sum(map(len, load.expected))
    received = sum(len(stream.events) for stream in load.streams)
    lost = max(expected - received, expected - stored, load.wrong_streams)
    begin, end = spans[0][2], spans[-1][3]
    figures = _figures(load.latencies(), watch, begin, end)
    failures = [attack for attack, failure, _, _ in spans if failure]
    return Row(
        ALL,
        {"samples lost": load.lost_samples, "events lost": lost, **figures},
        watch.share(begin, end),
        ", ".join(failures),
    )


def _figures(latencies: Sequence[float], watch: Watch, begin: float, end: float) -> dict[str, float]:
    late = 1000 * float(np.percentile(latencies, 99)) if latencies else 0.0
    return {
        LATENCY: late,
        HEALTH: 1000 * highest(watch.health, begin, end),
        MEMORY: highest(watch.memory, begin, end),
    }


def _stored_events(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        found: int = database.execute("SELECT count(*) FROM events WHERE source GLOB 'bench*'").fetchone()[0]
    return found
