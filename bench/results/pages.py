"""Put the tables into the pages, between the marks that a page has for each."""

from __future__ import annotations

import re
from pathlib import Path

from bench.results.records import FOLDER, Table, read_notes, read_tables
from bench.results.render import as_claims, as_grid, as_list, as_notes
from wakeword.errors import DataError
from wakeword.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
_MARK = re.compile(r"<!-- (list|grid|claims|notes)(?:: ([\w -]+?))? -->\n(.*?)<!-- end -->", re.DOTALL)
_LAYOUTS = {"list": as_list, "grid": as_grid}


def pages(root: Path = ROOT) -> list[Path]:
    """The pages that hold tables."""
    return [*sorted((root / "docs" / "results").glob("*.md")), root / "docs" / "lab-notes.md"]


def write_pages(root: Path = ROOT, data: Path = FOLDER) -> None:
    """Write the tables of every page. Raises DataError for a record or a mark that can't be read."""
    for page, text in _filled(root, data).items():
        write_whole(page, text.encode())


def stale(root: Path = ROOT, data: Path = FOLDER) -> list[str]:
    """Name the pages, by their path from the root, whose tables differ from the records."""
    return [str(page.relative_to(root)) for page, text in _filled(root, data).items() if page.read_text() != text]


def _filled(root: Path, data: Path) -> dict[Path, str]:
    tables, used = read_tables(data), set[str]()
    texts = {page: _fill(page.read_text("utf-8"), tables, data, used) for page in pages(root)}
    if unused := tables.keys() - used:
        raise DataError(f"{', '.join(sorted(unused))}: no page has a mark for this table; add one, or remove the file")
    return texts


def _fill(text: str, tables: dict[str, Table], data: Path, used: set[str]) -> str:
    def table(match: re.Match[str]) -> str:
        layout, names = match[1], (match[2] or "").split()
        mark = match[0].partition("\n")[0]
        return f"{mark}\n{_content(layout, names, tables, data, used)}\n<!-- end -->"

    return _MARK.sub(table, text)


def _content(layout: str, names: list[str], tables: dict[str, Table], data: Path, used: set[str]) -> str:
    if layout == "notes":
        return as_notes(read_notes(data))
    if unknown := [name for name in names if name not in tables]:
        raise DataError(f"{layout}: {data} holds no {', '.join(unknown)}; it holds {', '.join(tables)}")
    chosen = [tables[name] for name in names]
    if layout == "claims":
        return as_claims(chosen)
    used.update(names)
    return "\n\n".join(_LAYOUTS[layout](table) for table in chosen)
