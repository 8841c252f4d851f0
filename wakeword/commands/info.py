"""`wakeword info` and `wakeword models`."""

from __future__ import annotations

import click


@click.command(epilog="Example: wakeword info google12")
@click.argument("model", required=False)
def info(model: str | None) -> None:
    """Show a model's words, network, and size in flash.

    MODEL is a file, or the name of a shipped model.  [default: google12]
    """
    from wakeword.model.describe import describe
    from wakeword.model.pretrained import load_model

    click.echo(describe(load_model(model)))


@click.command(epilog="Example: wakeword models")
def models() -> None:
    """List the models that come with the package."""
    from wakeword.model.describe import table
    from wakeword.model.pretrained import shipped_models

    click.echo(table(shipped_models()))
