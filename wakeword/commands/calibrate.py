"""`wakeword calibrate`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import FILE, FOLDER, PATH, progress, say


@click.command(epilog="Example: wakeword calibrate google12 --false-accepts 0.1/h --negatives talks/ --out quiet.st")
@click.argument("model")
@click.option("--false-accepts", required=True, metavar="RATE", help="What may happen to each word: 0.1/h, 1 in 10 h.")
@click.option("--negatives", type=PATH, multiple=True, required=True, metavar="PATH", help="Audio without the words.")
@click.option("--out", type=FILE, required=True, metavar="MODEL", help="The model file to write.")
@click.option(
    "--bound",
    type=click.Choice(["expected", "upper"]),
    default="expected",
    show_default=True,
    help="Hold the rate as it was found, or its exact upper bound.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.95,
    show_default=True,
    help="Of the upper bound, one-sided.",
)
@click.option("--positives", type=FOLDER, metavar="DIR", help="Clips of a word, or a folder of them for each word.")
@click.option("--word", metavar="WORD", help="What the positives say.  [default: by the folder's name]")
@click.option("--window", type=click.FloatRange(0), default=1.0, show_default=True, metavar="S")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--address", metavar="ADDR", help="A Ray cluster to do the work; local starts one here.")
def calibrate(
    model: str,
    false_accepts: str,
    negatives: tuple[Path, ...],
    out: Path,
    bound: str,
    confidence: float,
    positives: Path | None,
    word: str | None,
    window: float,
    jobs: int,
    address: str | None,
) -> None:
    """Set a model's thresholds by how often a word may be raised that nobody said.

    Writes a copy of MODEL, a file or the name of a shipped model, in which each word has the lowest threshold that
    keeps to the rate on the negatives, heard as one endless stream. Says too what it misses, where positives are
    given.
    """
    from wakeword.evaluation.detection import Hearing, hear_stream, hear_words
    from wakeword.evaluation.positives import Surroundings
    from wakeword.evaluation.rate_goal import RateGoal, parse_rate
    from wakeword.evaluation.report import described
    from wakeword.evaluation.scoring import empty_tally
    from wakeword.evaluation.thresholds import calibrate_by_rate
    from wakeword.model.file import write_model
    from wakeword.model.pretrained import load_model
    from wakeword.model.score import as_fraction

    if word is not None and positives is None:
        raise click.UsageError("--word says what is said in the --positives")
    goal = RateGoal(parse_rate(false_accepts), bound == "upper", confidence)
    loaded = load_model(model)
    how = Hearing(loaded, window=window, jobs=jobs, address=address)
    stream = hear_stream(how, negatives, progress=progress)
    clips = empty_tally(len(loaded.keywords))
    if positives:
        clips = hear_words(how, positives, Surroundings(), word, progress)
    calibrated, points = calibrate_by_rate(loaded, stream, clips, goal)
    write_model(calibrated, out)
    for spoken, point in points.items():
        click.echo("\n".join([f"{spoken}, threshold {as_fraction(point.threshold):.3f}", *described(point)]))
    click.echo(f"{out}: each word at most {goal.per_hour:g}/h, {_meaning(goal.upper, confidence)}")
    if line := goal.too_short(stream.seconds / 3600):
        say(line)


def _meaning(upper: bool, confidence: float) -> str:
    return f"by the exact upper bound ({confidence:.0%}) of the rate" if upper else "by the rate that was found"
