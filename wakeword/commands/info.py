"""`wakeword info` and `wakeword models`."""

from __future__ import annotations

import json
import os

import click

from wakeword.commands.shared import show
from wakeword.errors import UsageError


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
        show("\n".join(provenance_lines(loaded)))
    else:
        show(summary(loaded, name))


@click.command(epilog="Example: wakeword models google12")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for each model.")
def models(name: str | None, as_json: bool) -> None:
    """List the models of the package, or print the card of one.

    Each has its words, its bytes, and its measured accuracy and false accepts. The card has more: what the model was
    trained on, by which voices, and what it was measured on, with intervals. NAME may be a model file; one that a
    project has made brings the report of its training.
    """
    from wakeword.evaluation.card import card
    from wakeword.model.describe import as_object, paragraphs, table
    from wakeword.model.pretrained import load_model, model_name, shipped_models, uno_models

    if name is not None:
        if name not in shipped_models() and not os.path.exists(name):
            known = ", ".join(shipped_models())
            raise UsageError(f"no model {name!r} ships; choose one of {known}, or give the path of a model file")
        model = load_model(name)
        if as_json:
            click.echo(json.dumps(as_object(model, name), ensure_ascii=False))
        else:
            show("\n".join([model_name(name), "", *paragraphs(card(model, name))]))
    elif as_json:
        for each in shipped_models():
            click.echo(json.dumps(as_object(load_model(each), each), ensure_ascii=False))
    else:
        show(table(shipped_models()))
        click.echo(f"for an Arduino Uno, another kind (export --format uno): {', '.join(uno_models())}")
