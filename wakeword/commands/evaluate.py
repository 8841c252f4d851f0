"""`wakeword eval`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from wakeword.commands.shared import PATH, data_or_download


@click.command("eval", epilog="Example: wakeword eval google12 --data speech_commands --split validation")
@click.argument("model")
@click.option("--data", type=PATH, metavar="DIR", help="A folder of clips for each word.  [default: download]")
@click.option(
    "--split", type=click.Choice(["test", "validation", "training", "all"]), default="test", show_default=True
)
@click.option("--keywords", metavar="SET", help="Some words of the model.  [default: all of them]")
@click.option("--engine", type=click.Choice(["auto", "c", "numpy"]), default="auto", show_default=True)
@click.option("--recipe", is_flag=True, help="Draw unknown words and silence, 10 % of the keyword clips each.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def evaluate(
    model: str, data: Path | None, split: str, keywords: str | None, engine: str, recipe: bool, as_json: bool
) -> None:
    """Measure how often a model names a clip's word.

    MODEL is a file, or the name of a shipped model.
    """
    from wakeword import evaluate as evaluating
    from wakeword.dataset import keyword_set
    from wakeword.models import load_model

    bundle = load_model(model)
    words = keyword_set(keywords) if keywords is not None else None
    evaluation = evaluating.evaluate(
        bundle,
        data_or_download(data),
        split=split,  # type: ignore[arg-type]
        keywords=words,
        engine=engine,  # type: ignore[arg-type]
        recipe=recipe,
        name=model,
    )
    click.echo(json.dumps(evaluation.as_json()) if as_json else evaluation.as_text())
