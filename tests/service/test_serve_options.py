"""The options of `wakeword serve` and of `wakeword studio`, each of which is an environment variable too."""

from __future__ import annotations

from typing import Any

import click
import pytest

from wakeword.cli import cli

OPTIONS = [
    (name, option)
    for name in ("serve", "studio")
    for option in cli.commands[name].params
    if isinstance(option, click.Option)
]


def variable(option: click.Option) -> str:
    """The environment variable of an option, by its name on the command line."""
    return "WAKEWORD_SERVE_" + option.opts[0].lstrip("-").replace("-", "_").upper()


def taken(name: str, option: click.Option, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Any:
    """What a command takes for an option, given nothing but the environment."""
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    return cli.commands[name].make_context(name, []).params[option.name or ""]


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=[f"{name} {option.opts[0]}" for name, option in OPTIONS])
def test_each_option_is_an_environment_variable_of_its_name(
    name: str, option: click.Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flag is turned over, and a number or a text is 7."""
    before = taken(name, option, monkeypatch)
    value = str(not before).lower() if option.is_flag else "7"
    after = taken(name, option, monkeypatch, **{variable(option): value})
    assert after != before
    if not option.is_flag:
        assert str(after[0] if option.multiple else after).removesuffix(".0") == "7"


@pytest.mark.parametrize("variable", ["WAKEWORD_SERVE_WEBHOOK", "WAKEWORD_SERVE_WEBHOOKS"])
def test_between_several_addresses_of_a_variable_are_spaces(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (option,) = (option for name, option in OPTIONS if (name, option.name) == ("serve", "webhooks"))
    assert taken("serve", option, monkeypatch, **{variable: "http://a/ http://b/"}) == ("http://a/", "http://b/")
