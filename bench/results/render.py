"""Make Markdown of the records: a line for each figure, a grid, the claims of the first page, the lab notes."""

from __future__ import annotations

from collections.abc import Iterable

from bench.results.records import Record, Table

UNKNOWN = "not recorded"
_FEW = 50  # of fewer trials the counts say more than percent
_LONG = 120  # characters; a longer command stands below its table
_NOTES = ("date", "change", "data", "seeds", "before", "after", "decision")


def as_list(table: Table) -> str:
    """Lay out a row for each record: figure, value, goal, command."""
    records = table.records
    columns = {
        "figure": [record.row for record in records],
        "value": [f"{_of_each(record)}{_note(record)}" for record in records],
        "goal": [_goal(record) for record in records],
        "command": [_code(record.command) for record in records],
    }
    if not any(columns["goal"]):
        del columns["goal"]
    below = provenance(records)
    each = {record.command for record in records}
    if len(each) == 1 or any(len(command or "") > _LONG for command in each):
        del columns["command"]
        below += commands(records)
    return _markdown(list(columns), list(zip(*columns.values(), strict=True))) + "\n\n" + below


def as_grid(table: Table) -> str:
    """Lay out a row and a column for each name, in the order in which the names first appear."""
    rows = list(dict.fromkeys(record.row for record in table.records))
    columns = list(dict.fromkeys(record.column for record in table.records))
    cells = {(record.row, record.column): f"{_cell(record)}{_note(record)}" for record in table.records}
    lines = [(row, *(cells.get((row, column), "") for column in columns)) for row in rows]
    return _markdown(["", *columns], lines) + "\n\n" + provenance(table.records) + commands(table.records)


def as_claims(tables: Iterable[Table]) -> str:
    """Lay out the first page: a row for each record that has a task, table after table."""
    claims = [record for table in tables for record in table.records if record.task]
    lines = [
        (
            record.task,
            _range(record.bytes),
            f"{record.figure or record.row}: {with_interval(record)}",
            _goal_of(record),
            verdict(record),
            _code(record.command),
            record.commit or UNKNOWN,
        )
        for record in claims
    ]
    return _markdown(["task", "bytes", "figure", "goal", "", "command", "commit"], lines)


def as_goals(tables: Iterable[Table]) -> str:
    """Lay out a row for each record with a goal: figure, mean and range, and whether it is met."""
    records = [record for table in tables for record in table.records if record.goal]
    lines = [
        (", ".join(filter(None, [record.column, record.row])), with_interval(record), _goal_of(record), verdict(record))
        for record in records
    ]
    return _markdown(["figure", "value", "goal", ""], lines)


def as_notes(notes: list[dict[str, str]]) -> str:
    """Lay out the lab notes: a heading for each topic, in it a row for each experiment."""
    topics = list(dict.fromkeys(note["topic"] for note in notes))
    parts = []
    for topic in topics:
        lines = [
            tuple(f"{note['date']}, {note['commit']}" if name == "date" else note[name] or "–" for name in _NOTES)
            for note in notes
            if note["topic"] == topic
        ]
        parts += [f"## {topic}", _markdown(["date, commit", *_NOTES[1:]], lines)]
    return "\n\n".join(parts)


def plain(record: Record) -> str:
    """Return the figure, or the figures of all seeds, with the unit."""
    if record.text:
        return record.text
    if record.total and record.total < _FEW:
        return f"{', '.join(map(str, record.counts))} of {record.total}"
    text = ", ".join(_number(figure, record.decimals) for figure in record.figures)
    if record.sd is not None:
        text += f" ± {record.sd:.{record.decimals}f}"
    return f"{text}{_unit(record)}"


def with_interval(record: Record) -> str:
    """Return a count with its 95 % interval, several seeds with their mean and range, anything else as it is."""
    if record.interval:
        share, low, high = (f"{end:.{record.decimals}f}" for end in (record.mean, *record.interval))
        return f"{share} % ({record.counts[0]:,} of {record.total:,}; 95 %: {low} to {high})"
    if len(record.figures) > 1:
        ends = " to ".join(_number(end, record.decimals) for end in (min(record.figures), max(record.figures)))
        return f"{_number(record.mean, record.decimals)}{_unit(record)} (mean of {len(record.figures)} seeds; {ends})"
    return plain(record)


def verdict(record: Record) -> str:
    """Say whether the mean meets the goal, and how many seeds do if there are several."""
    if record.goal is None:
        return ""
    met = "met" if record.goal.met(record.mean) else "**missed**"
    if len(record.figures) == 1:
        return met
    seeds = f"by {sum(map(record.goal.met, record.figures))} of {len(record.figures)} seeds"
    return f"{met}, {seeds}" if met == "met" else f"{met}, met {seeds}"


def provenance(records: Iterable[Record]) -> str:
    """Say when, where and on what the figures were measured."""
    records = list(records)
    origins: dict[str, dict[str, None]] = {}
    for record in records:
        origins.setdefault(record.date or UNKNOWN, {})[record.commit or UNKNOWN] = None
    measured = ", ".join(f"{date} ({', '.join(commits)})" for date, commits in origins.items())
    return (
        f"Measured {measured}. Data: {_all(record.data for record in records)}. "
        f"Machine: {_all(record.machine for record in records)}. Seeds: {_all(record.seeds for record in records)}."
    )


def commands(records: Iterable[Record]) -> str:
    """List the commands that make the figures; if there are several, each with its rows or columns."""
    records = [record for record in records if record.command]
    rows = len({record.row for record in records})
    lines = []
    for command in dict.fromkeys(record.command for record in records):
        mine = [record for record in records if record.command == command]
        names = list(dict.fromkeys(record.row for record in mine))
        if len(names) == rows:
            names = list(dict.fromkeys(record.column for record in mine))
        label = names[0] if len(names) == 1 else f"{names[0]}, and {len(names) - 1} more"
        lines.append(f"{command}  # {label}")
    if len(lines) == 1:
        lines = [str(records[0].command)]
    return "\n\n```\n" + "\n".join(lines) + "\n```" if lines else ""


def _all(values: Iterable[str | None]) -> str:
    return "; ".join(dict.fromkeys(value or UNKNOWN for value in values))


def _of_each(record: Record) -> str:
    if len(record.figures) == 1:
        return with_interval(record)
    return f"{plain(record)} (mean {_number(record.mean, record.decimals)})" if record.figures else plain(record)


def _cell(record: Record) -> str:
    if not record.total or record.total < _FEW or len(record.counts) == 1:
        return plain(record)
    each = ", ".join(_number(figure, record.decimals) for figure in record.figures)
    return f"{_number(record.mean, record.decimals)} % ({each})"


def _goal(record: Record) -> str:
    return f"{_goal_of(record)}: {verdict(record)}" if record.goal else ""


def _goal_of(record: Record) -> str:
    if record.goal is None:
        return "none set"
    sense = "at least" if record.goal.lowest else "at most"
    unit = _unit(record) if record.goal.limit != 1 else _unit(record).removesuffix("s")
    return f"{sense} {record.goal.limit:,g}{unit}"


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def _unit(record: Record) -> str:
    unit = "%" if record.total else record.unit
    return f" {unit}" if unit else ""


def _range(values: tuple[int, ...]) -> str:
    low, high = min(values, default=0), max(values, default=0)
    return "" if not values else f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _note(record: Record) -> str:
    return f"; {record.note}" if record.note else ""


def _code(command: str | None) -> str:
    return f"`{command}`" if command else UNKNOWN


def _markdown(header: list[str], lines: Iterable[tuple[str, ...]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
