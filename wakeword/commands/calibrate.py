"""`wakeword calibrate`: thresholds for a wanted rate of false accepts."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import (
    FILE,
    MAX_WINDOW,
    PATH,
    Number,
    address_option,
    jobs_option,
    positives_option,
    progress,
    say,
    say_unread,
    show,
    word_option,
)


@click.command(
    epilog='Example: wakeword calibrate google12 --false-accepts "1 in 10 h" --negatives talks/ --out quiet.safetensors'
)
@click.argument("model")
@click.option(
    "--false-accepts",
    required=True,
    metavar="RATE",
    help="Highest rate of false accepts allowed for each word, as 0.1/h or 1 in 10 h.",
)
@click.option(
    "--negatives",
    type=PATH,
    multiple=True,
    required=True,
    metavar="PATH",
    help="Audio file or folder in which nobody says a word of the model; repeatable.",
)
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Model file to write.")
@click.option(
    "--bound",
    type=click.Choice(["expected", "upper"]),
    default="expected",
    show_default=True,
    help="What must stay within the rate: the measured rate, or its exact upper confidence bound.",
)
@click.option(
    "--confidence",
    type=Number(0.5, 1, open_high=True),
    default=0.95,
    show_default=True,
    metavar="P",
    help="One-sided confidence of the upper bound.",
)
@positives_option
@word_option
@click.option(
    "--window",
    type=Number(0, MAX_WINDOW),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Time after the end of a word in which its detection counts.",
)
@jobs_option
@address_option
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
    """Choose a model's thresholds for a rate of false accepts.

    Each word gets the lowest threshold that keeps to the rate on the negatives, which are processed as one stream.
    The result is a copy of MODEL with these thresholds. With --positives, print the miss rate of each word too.

    MODEL is a file, or the name of a shipped model.
    """
    from wakeword.evaluation.detection import EvaluationSetup, evaluate_positives, evaluate_stream
    from wakeword.evaluation.positives import Conditions
    from wakeword.evaluation.rate_goal import RateGoal, parse_rate
    from wakeword.evaluation.report import described
    from wakeword.evaluation.scoring import empty_counts
    from wakeword.evaluation.thresholds import calibrate_by_rate
    from wakeword.model.file import write_model
    from wakeword.model.pretrained import load_model
    from wakeword.model.score import as_fraction

    if word is not None and positives is None:
        raise click.UsageError("--word needs --positives, the clips in which it is spoken")
    goal = RateGoal(parse_rate(false_accepts), bound == "upper", confidence)
    loaded = load_model(model)
    setup = EvaluationSetup(loaded, window=window, jobs=jobs, address=address)
    say_unread([*negatives, *filter(None, [positives])])
    stream = evaluate_stream(setup, negatives, progress=progress)
    clips = empty_counts(len(loaded.keywords))
    if positives:
        clips = evaluate_positives(setup, positives, Conditions(), word, progress)
    calibrated, points = calibrate_by_rate(loaded, stream, clips, goal)
    write_model(calibrated, out)
    for each, point in points.items():
        show("\n".join([f"{each}, threshold {as_fraction(point.threshold):.3f}", *described(point)]))
    click.echo(f"{out}: each word at most {goal.per_hour:g}/h by {_meaning(goal.upper, confidence)}")
    if line := goal.too_short(stream.seconds / 3600):
        say(line)


def _meaning(upper: bool, confidence: float) -> str:
    return f"the exact upper bound ({confidence:.0%}) of the rate" if upper else "the measured rate"
