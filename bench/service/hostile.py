"""Attack the service while it works: one attack after the other, beside streams that must not notice.

A process of its own attacks, so that the bench's streams keep to real time. A figure of an attack is that of the time
from its beginning to the beginning of the next one.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import resource
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bench.accuracy.record import table_text
from bench.service.api_attacks import API_ATTACKS
from bench.service.attacks import ATTACKS, Attack
from bench.service.load import Load, put_under_load
from bench.service.process import served
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
    with socket.create_server(("127.0.0.1", 0)) as free:
        wyoming = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    options = ["--no-microphone", "--clips", "--wyoming", wyoming]
    attackers = ProcessPoolExecutor(1, get_context("spawn"), initializer=_prepare_attacker)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), *options) as process, attackers:
        attackers.submit(_attack, NOTHING, "", 0.1).result()
        watch = Watch(process)
        try:
            seconds = int(_OPENING + (len(names) + 1) * (each + _REST)) + 1
            loading = put_under_load(process.url, recording, model, streams, seconds)
            load, spans = asyncio.run(_beside(loading, attackers, process.url, wyoming, names, each))
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


def _prepare_attacker() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _attack(name: str, url: str, seconds: float) -> str:
    """Attack; return what was wrong, or nothing."""
    try:
        asyncio.run(_ATTACKS[name](url, seconds) if name != NOTHING else asyncio.sleep(seconds))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


Span = tuple[str, str, float, float]  # attack, its failure, begin, end


async def _beside(
    loading: Any, attackers: ProcessPoolExecutor, url: str, wyoming: str, names: Sequence[str], each: int
) -> tuple[Load, list[Span]]:
    """Run the load, and the attacks beside it."""
    load = asyncio.ensure_future(loading)
    await asyncio.sleep(_OPENING)
    spans: list[Span] = []
    loop = asyncio.get_running_loop()
    for name in [NOTHING, *names]:
        target = wyoming if name in WYOMING_ATTACKS else url
        begin = time.monotonic()
        failure = await loop.run_in_executor(attackers, _attack, name, target, each)
        await asyncio.sleep(_REST)
        spans.append((name, failure, begin, time.monotonic()))
    return await load, spans


def _row(load: Load, watch: Watch, attack: str, failure: str, begin: float, end: float) -> Row:
    latencies = [latency for arrived, latency in load.arrivals() if begin <= arrived - latency < end]
    return Row(attack, _figures(latencies, watch, begin, end), watch.share(begin, end), failure)


def _whole(load: Load, watch: Watch, stored: int, spans: Sequence[Span]) -> Row:
    expected = sum(map(len, load.expected))
    received = sum(len(stream.events) for stream in load.streams)
    lost = max(expected - received, expected - stored, load.wrong_streams)
    now = time.monotonic()
    figures = _figures(load.latencies(), watch, 0, now)
    failures = [attack for attack, failure, _, _ in spans if failure]
    return Row(
        ALL,
        {"samples lost": load.lost_samples, "events lost": lost, **figures},
        watch.share(0, now),
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
