"""`wakeword info` and `wakeword models`."""

from __future__ import annotations

import json

import click


@click.command(epilog="Example: wakeword info google12")
@click.argument("model", required=False)
@click.option("--provenance", is_flag=True, help="Print the data and the settings that the model was trained with.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: labels, thresholds, bytes, provenance.")
def info(model: str | None, provenance: bool, as_json: bool) -> None:
    """Print a model's words, thresholds, size and work.

    MODEL is a file, or the name of a shipped model.  [default: google12]
    """
    from wakeword.model.describe import as_object, provenance_lines, summary
    from wakeword.model.pretrained import DEFAULT, load_model

    name, loaded = model or DEFAULT, load_model(model)
    if as_json:
        click.echo(json.dumps(as_object(loaded, name), ensure_ascii=False))
    elif provenance:
        click.echo("\n".join(provenance_lines(loaded)))
    else:
        click.echo(summary(loaded, name))


@click.command(epilog="Example: wakeword models --json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for each model.")
def models(as_json: bool) -> None:
    """List the models that come with the package.

    Each has its words, its bytes, and its measured accuracy and false accepts.
    """
    from wakeword.model.describe import as_object, table
    from wakeword.model.pretrained import load_model, shipped_models, uno_models

    if as_json:
        for name in shipped_models():
            click.echo(json.dumps(as_object(load_model(name), name), ensure_ascii=False))
    else:
        click.echo(table(shipped_models()))
        click.echo(f"for an Arduino Uno, another kind (export --format uno): {', '.join(uno_models())}")
