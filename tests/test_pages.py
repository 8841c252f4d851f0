"""The pages: each link leads somewhere, and each command of wakeword that is shown has the options that it is given."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.signals import ROOT
from wakeword.cli import cli

ADD_ON = ROOT / "deploy/home-assistant/DOCS.md"
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "integrations").glob("*/README.md")),
    ROOT / "firmware/README.md",
    ADD_ON,
]
_FENCED = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)


def links(page: Path) -> list[str]:
    """The targets of a page's links, but for those to the web."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _FENCED.sub("", page.read_text("utf-8")))
    return [target for target in targets if not target.startswith(("http:", "https:"))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", page.read_text("utf-8")), re.M)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    return there.exists() and (not anchor or there.suffix != ".md" or anchor in anchors(there))


def options(command: click.Command) -> set[str]:
    given = [name for option in command.params for name in (*option.opts, *option.secondary_opts)]
    return {*given, "--help"}


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of wakeword in a page's blocks and between its backticks, each with what follows its name."""
    text = page.read_text("utf-8")
    shown = [block.replace("\\\n", " ") for block in re.findall(r"^ *```.*?^ *```$", text, re.M | re.S)]
    inline = [piece.replace("\n", " ") for piece in re.findall(r"`([^`]+)`", _FENCED.sub("", text))]
    return re.findall(r"\bwakeword ([a-z]+)\b([^#|&\n]*)", "\n".join([*shown, *inline]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not leads_somewhere(page, target)] == []


def test_the_add_on_s_page_links_to_no_other_for_home_assistant_shows_it_alone() -> None:
    assert [target for target in links(ADD_ON) if not target.startswith("#")] == []


def test_each_command_that_a_page_shows_has_the_options_that_it_is_given() -> None:
    shown = [(page, *command) for page in PAGES for command in commands(page) if command[0] in cli.commands]
    assert len(shown) > 300
    wrong = [
        f"{page.relative_to(ROOT)}: wakeword {name} {option}"
        for page, name, rest in shown
        for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", rest)
        if name != "bench" and option not in options(cli.commands[name])
    ]
    assert wrong == []
