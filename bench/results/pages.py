"""Put the tables into the pages, between the marks that a page has for each."""

from __future__ import annotations

import re
from pathlib import Path

from bench.results.picture import NAME, digest, picture
from bench.results.records import FOLDER, Table, read_notes, read_tables
from bench.results.render import as_claims, as_goals, as_grid, as_list, as_notes
from wakeword.errors import DataError
from wakeword.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path("docs/results/accuracy.svg")
_MARK = re.compile(r"<!-- (list|grid|claims|goals|notes)(?:: ([\w -]+?))? -->\n(.*?)<!-- end -->", re.DOTALL)
_LAYOUTS = {"list": as_list, "grid": as_grid}


def pages(root: Path = ROOT) -> list[Path]:
    """Return the paths of the pages that hold tables."""
    return [*sorted((root / "docs" / "results").glob("*.md")), root / "docs" / "lab-notes.md"]


def write_pages(root: Path = ROOT, data: Path = FOLDER) -> None:
    """Write the tables of every page. Raises DataError for a record or a mark that can't be read."""
    tables = read_tables(data)
    for page, text in _filled(root, data, tables).items():
        write_whole(page, text.encode())
    if _picture_is_stale(root, tables):
        write_whole(root / PICTURE, picture(tables[NAME]))


def stale(root: Path = ROOT, data: Path = FOLDER) -> list[str]:
    """Name the pages, by their path from the root, whose tables or figure differ from the records."""
    tables = read_tables(data)
    filled = _filled(root, data, tables)
    found = [str(page.relative_to(root)) for page, text in filled.items() if page.read_text("utf-8") != text]
    return found + [str(PICTURE)] * _picture_is_stale(root, tables)


def _picture_is_stale(root: Path, tables: dict[str, Table]) -> bool:
    path = root / PICTURE
    return NAME in tables and not (path.exists() and digest(tables[NAME]) in path.read_text("utf-8"))


def _filled(root: Path, data: Path, tables: dict[str, Table]) -> dict[Path, str]:
    used: set[str] = set()
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
    if layout in ("claims", "goals"):
        return (as_claims if layout == "claims" else as_goals)(chosen)
    used.update(names)
    return "\n\n".join(_LAYOUTS[layout](table) for table in chosen)
