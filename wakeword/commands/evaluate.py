"""`wakeword eval`: accuracy on clips, or misses and false accepts on streams."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import click

from featurizer import SAMPLE_RATE
from wakeword.commands.evaluate_project import evaluate_project
from wakeword.commands.shared import (
    FILE,
    FOLDER,
    MAX_WINDOW,
    PATH,
    Number,
    address_option,
    data_option,
    data_or_download,
    jobs_option,
    positives_option,
    progress,
    say,
    say_unread,
    show,
    word_option,
)

_EXAMPLES = """Example: wakeword eval google12 --data speech_commands --protocol

Example: wakeword eval google12 --stream talks/ --positives speech_commands --det det.svg

Example: wakeword eval --project hey_lumen --clips false_accepts/"""


class Band(click.ParamType):
    """Two frequencies in Hz, the lower one first: 300:3400."""

    name = "band"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the frequencies as a pair of floats."""
        low, _, high = str(value).partition(":")
        try:
            band = float(low), float(high)
        except ValueError:
            self.fail(f"{value!r} is not LOW:HIGH in Hz, such as 300:3400", parameter, context)
        if not 0 < band[0] < band[1] <= SAMPLE_RATE / 2:
            self.fail(
                f"{value!r} is no band between 0 and {SAMPLE_RATE // 2} Hz, the lower edge first", parameter, context
            )
        return band


@click.command("eval", epilog=_EXAMPLES)
@click.argument("model", required=False)
@click.option(
    "--project",
    type=FOLDER,
    metavar="DIR",
    help="A project, in place of MODEL: what its latest model raises in its long recordings (docs/projects.md).",
)
@click.option(
    "--run", "number", type=click.IntRange(1), metavar="N", help="The run of the project.  [default: the latest]"
)
@data_option
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "training", "all"]),
    default="test",
    show_default=True,
    help="Clips of the data to use.",
)
@click.option("--keywords", metavar="SET", help="Words of the model to tell apart: WORD,WORD,...  [default: all]")
@click.option(
    "--protocol",
    is_flag=True,
    help="Follow the Speech Commands protocol: draw silence and unknown words, 10 % of the keyword clips each.",
)
@click.option(
    "--stream", type=PATH, multiple=True, metavar="PATH", help="Audio file or folder, part of one stream; repeatable."
)
@click.option(
    "--labels",
    type=FILE,
    metavar="FILE",
    help="Words spoken in a stream of one file, as Audacity exports labels: start, end and word, with tabs.",
)
@positives_option
@word_option
@click.option("--noise", type=FOLDER, metavar="DIR", help="Folder of noise recordings to mix with the positives.")
@click.option(
    "--snr", type=Number(-100, 100), metavar="DB", help="Level of the positives over the noise.  [default: 10]"
)
@click.option(
    "--speed",
    type=Number(0.5, 2),
    metavar="FACTOR",
    help="Play the positives so many times as fast and as high; 1.2 is nearer to a child's voice.  [default: 1]",
)
@click.option(
    "--band",
    type=Band(),
    metavar="LOW:HIGH",
    help="Play the positives through a channel of these edges in Hz; 300:3400 is a telephone's.",
)
@click.option(
    "--window",
    type=Number(0, MAX_WINDOW),
    metavar="SECONDS",
    help="Time after the end of a word in which its detection counts.  [default: 1]",
)
@click.option("--det", type=FILE, metavar="FILE", help="Plot miss rate against false accepts, as .svg, .png or .pdf.")
@click.option("--clips", type=FOLDER, metavar="DIR", help="Write the audio around each false accept to this folder.")
@click.option("--verify", metavar="MODEL", help="Second, larger model that checks each detection of the first.")
@click.option(
    "--after", metavar="MODEL", help="Model of a wake word: the words of the first are heard for five seconds after it."
)
@jobs_option
@address_option
@click.option(
    "--engine",
    type=click.Choice(["auto", "c", "numpy"]),
    default="auto",
    show_default=True,
    help="Implementation of the model; all give the same result.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    model: str | None,
    project: Path | None,
    number: int | None,
    data: Path | None,
    split: str,
    keywords: str | None,
    protocol: bool,
    engine: Literal["auto", "c", "numpy"],
    as_json: bool,
    **streaming: Any,
) -> None:
    """Measure the accuracy of a model on clips.

    With --stream or --positives, measure false accepts per hour and miss rates instead. Each positive is processed
    alone, after 1.5 s of near silence.

    MODEL is a file, or the name of a shipped model. With --project, false accepts per hour are of the recordings in
    which nobody says its phrases.
    """
    options = StreamOptions(**streaming)
    if project is not None:
        _refuse_answered(click.get_current_context())
        evaluate_project(project, number, options.clips, as_json)
        return
    if number is not None:
        raise click.UsageError("--run goes with --project")
    if model is None:
        raise click.UsageError("Missing argument 'MODEL'.")
    if options.stream or options.positives:
        if data is not None or keywords is not None or protocol:
            raise click.UsageError("--stream and --positives can't be combined with --data, --keywords or --protocol")
        _on_stream(model, engine, options, as_json)
    elif given := [field.name for field in fields(options) if getattr(options, field.name) != field.default]:
        raise click.UsageError(f"--{' and --'.join(given)}: give --stream or --positives as well")
    else:
        _on_clips(model, data, split, keywords, protocol, engine, as_json)


@dataclass(frozen=True)
class StreamOptions:
    """The options for streams and positives, by name."""

    stream: tuple[Path, ...] = ()
    labels: Path | None = None
    positives: Path | None = None
    word: str | None = None
    noise: Path | None = None
    snr: float | None = None
    speed: float | None = None
    band: tuple[float, float] | None = None
    window: float | None = None
    det: Path | None = None
    clips: Path | None = None
    verify: str | None = None
    after: str | None = None
    jobs: int = 1
    address: str | None = None


def _on_clips(
    model: str, data: Path | None, split: str, keywords: str | None, protocol: bool, engine: str, as_json: bool
) -> None:
    from wakeword.data.folders import split_list_lines
    from wakeword.data.keywords import KeywordSet, keyword_set
    from wakeword.data.unused import unused_line
    from wakeword.evaluation import accuracy as evaluating
    from wakeword.model.pretrained import load_model

    loaded = load_model(model)
    words = keyword_set(keywords) if keywords is not None else None
    data = data_or_download(data)
    for line in split_list_lines(data):
        say(line)
    if line := unused_line(data, words or KeywordSet.of_labels(loaded.labels)):
        say(line)
    evaluation = evaluating.evaluate(
        loaded,
        data,
        split=split,  # type: ignore[arg-type]
        keywords=words,
        engine=engine,  # type: ignore[arg-type]
        protocol=protocol,
        name=model,
    )
    if as_json:
        click.echo(json.dumps(evaluation.as_json()))
    else:
        show(evaluation.as_text())


def _on_stream(model: str, engine: Literal["auto", "c", "numpy"], options: StreamOptions, as_json: bool) -> None:
    from wakeword.evaluation import detection
    from wakeword.evaluation.positives import Conditions
    from wakeword.evaluation.report import StreamReport
    from wakeword.evaluation.scoring import empty_counts
    from wakeword.evaluation.streams import files_of
    from wakeword.inference.engine import open_engine
    from wakeword.model.pretrained import load_model

    _check(options)
    loaded = load_model(model)
    window = detection.WINDOW if options.window is None else options.window
    verifier = load_model(options.verify) if options.verify else None
    after = load_model(options.after) if options.after else None
    setup = detection.EvaluationSetup(loaded, engine, window, options.jobs, options.address, verifier, after)
    stream = clips = empty_counts(len(loaded.keywords))
    say_unread([*options.stream, *filter(None, (options.positives, options.noise))])
    if options.stream:
        stream = detection.evaluate_stream(setup, options.stream, options.labels, progress)
    if options.positives:
        noises = tuple(files_of([options.noise])) if options.noise else ()
        snr, speed = 10.0 if options.snr is None else options.snr, options.speed or 1.0
        conditions = Conditions(noises, snr, speed=speed, band=options.band)
        clips = detection.evaluate_positives(setup, options.positives, conditions, options.word, progress)
    report = StreamReport(model, open_engine(loaded, engine).name, loaded, window, stream, clips)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        show(report.as_text())
    if options.det:
        from wakeword.evaluation.det_plot import write_det

        words = [word for word in loaded.keywords if report.point(word).trials.positives]
        write_det(options.det, {w: report.curve(w) for w in words}, {w: report.point(w) for w in words})
    if options.clips:
        from wakeword.evaluation.false_accept_clips import write_clips

        written = write_clips(report.false_accepts, options.clips)
        say(f"wrote the audio of {len(written)} false accepts to {options.clips}")


def _refuse_answered(context: click.Context) -> None:
    """Raise UsageError for what does not go with a project."""
    for name in context.params:
        given = context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        if given and name not in ("project", "number", "clips", "as_json"):
            option = next(each.opts[0] for each in context.command.params if each.name == name)
            raise click.UsageError(f"{'MODEL' if name == 'model' else option} does not go with --project")


def _check(options: StreamOptions) -> None:
    """Refuse options that don't go together, before hours of work."""
    if options.labels and not options.stream:
        raise click.UsageError("--labels needs --stream, the audio that it labels")
    if (options.noise or options.word or options.speed or options.band) and not options.positives:
        raise click.UsageError("--noise, --speed, --band and --word need --positives, the clips that they apply to")
    if options.snr is not None and not options.noise:
        raise click.UsageError("--snr needs --noise, the recordings that it scales")
    if options.clips and not options.stream:
        raise click.UsageError("--clips needs --stream, whose false accepts it writes")
    if options.det and not (options.stream and (options.positives or options.labels)):
        raise click.UsageError("--det plots both errors: it needs --stream, and --positives or --labels")
    if options.det and options.verify:
        raise click.UsageError("--det varies the threshold of one model: leave out --verify")
    if options.after and options.verify:
        raise click.UsageError("--after and --verify are two ways to raise fewer false accepts: choose one")
    if options.after and options.positives:
        raise click.UsageError("--after is for --stream: no wake word comes before the clips of --positives")
    if options.det:
        from wakeword.evaluation.det_plot import check_kind

        check_kind(options.det)
