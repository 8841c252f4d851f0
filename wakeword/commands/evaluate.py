"""`wakeword eval`: clips of a data folder by their words, or a stream by its events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from wakeword.commands.shared import FILE, FOLDER, PATH, data_or_download, progress, say

_EXAMPLES = "Example: wakeword eval google12 --stream talks/ --positives speech_commands --det det.svg"


@click.command("eval", epilog=_EXAMPLES)
@click.argument("model")
@click.option("--data", type=PATH, metavar="DIR", help="A folder of clips for each word.  [default: download]")
@click.option(
    "--split", type=click.Choice(["test", "validation", "training", "all"]), default="test", show_default=True
)
@click.option("--keywords", metavar="SET", help="Some words of the model.  [default: all of them]")
@click.option("--recipe", is_flag=True, help="Draw unknown words and silence, 10 % of the keyword clips each.")
@click.option("--stream", type=PATH, multiple=True, metavar="PATH", help="Audio, as one stream; may be repeated.")
@click.option("--labels", type=FILE, metavar="FILE", help="Words said in the stream: start, end, word, with tabs.")
@click.option("--positives", type=FOLDER, metavar="DIR", help="Clips of a word, or a folder of them for each word.")
@click.option("--word", metavar="WORD", help="What the positives say.  [default: by the folder's name]")
@click.option("--noise", type=FOLDER, metavar="DIR", help="Recordings in which the positives are heard.")
@click.option("--snr", type=float, metavar="DB", help="The positives' level over the noise.  [default: 10]")
@click.option("--window", type=click.FloatRange(0), metavar="S", help="From a word's end to its event.  [default: 1]")
@click.option("--det", type=FILE, metavar="FILE", help="Draw miss rate against false accepts, as .svg, .png or .pdf.")
@click.option("--clips", type=FOLDER, metavar="DIR", help="Write the audio around each false accept.")
@click.option("--verify", metavar="M", help="A second, larger model that each event of the first is put to.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--address", metavar="ADDR", help="A Ray cluster to do the work; local starts one here.")
@click.option("--engine", type=click.Choice(["auto", "c", "numpy"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def evaluate(
    model: str,
    data: Path | None,
    split: str,
    keywords: str | None,
    recipe: bool,
    engine: Literal["auto", "c", "numpy"],
    as_json: bool,
    **streaming: Any,
) -> None:
    """Measure how often a model names a clip's word; or with --stream or --positives, how often it misses a word,
    and how often it raises one that nobody said.

    MODEL is a file, or the name of a shipped model. Positives are each heard after 1.5 s of near silence.
    """
    options = StreamOptions(**streaming)
    if options.stream or options.positives:
        if data is not None or keywords is not None or recipe:
            raise click.UsageError("--stream and --positives go without --data, --keywords and --recipe")
        _on_stream(model, engine, options, as_json)
    elif options != StreamOptions(jobs=options.jobs):
        raise click.UsageError("only --stream and --positives go with --labels, --noise, --det and their like")
    else:
        _on_clips(model, data, split, keywords, recipe, engine, as_json)


@dataclass(frozen=True)
class StreamOptions:
    """What was said of a stream, by the names of the options."""

    stream: tuple[Path, ...] = ()
    labels: Path | None = None
    positives: Path | None = None
    word: str | None = None
    noise: Path | None = None
    snr: float | None = None
    window: float | None = None
    det: Path | None = None
    clips: Path | None = None
    verify: str | None = None
    jobs: int = 1
    address: str | None = None


def _on_clips(
    model: str, data: Path | None, split: str, keywords: str | None, recipe: bool, engine: str, as_json: bool
) -> None:
    from wakeword.data.keywords import keyword_set
    from wakeword.evaluation import accuracy as evaluating
    from wakeword.model.pretrained import load_model

    loaded = load_model(model)
    words = keyword_set(keywords) if keywords is not None else None
    evaluation = evaluating.evaluate(
        loaded,
        data_or_download(data),
        split=split,  # type: ignore[arg-type]
        keywords=words,
        engine=engine,  # type: ignore[arg-type]
        recipe=recipe,
        name=model,
    )
    click.echo(json.dumps(evaluation.as_json()) if as_json else evaluation.as_text())


def _on_stream(model: str, engine: Literal["auto", "c", "numpy"], options: StreamOptions, as_json: bool) -> None:
    from wakeword.evaluation import detection
    from wakeword.evaluation.positives import Surroundings
    from wakeword.evaluation.report import StreamReport
    from wakeword.evaluation.scoring import empty_tally
    from wakeword.evaluation.streams import files_of
    from wakeword.inference.engine import open_engine
    from wakeword.model.pretrained import load_model

    _check(options)
    loaded = load_model(model)
    window = detection.WINDOW if options.window is None else options.window
    verifier = load_model(options.verify) if options.verify else None
    how = detection.Hearing(loaded, engine, window, options.jobs, options.address, verifier)
    stream = clips = empty_tally(len(loaded.keywords))
    if options.stream:
        stream = detection.hear_stream(how, options.stream, options.labels, progress)
    if options.positives:
        noises = tuple(files_of([options.noise])) if options.noise else ()
        around = Surroundings(noises, 10.0 if options.snr is None else options.snr)
        clips = detection.hear_words(how, options.positives, around, options.word, progress)
    report = StreamReport(model, open_engine(loaded, engine).name, loaded, window, stream, clips)
    click.echo(json.dumps(report.as_json()) if as_json else report.as_text())
    if options.det:
        from wakeword.evaluation.det_plot import write_det

        words = [word for word in loaded.keywords if report.point(word).trials.said]
        write_det(options.det, {w: report.curve(w) for w in words}, {w: report.point(w) for w in words})
    if options.clips:
        from wakeword.evaluation.false_accept_clips import write_clips

        say(f"{len(write_clips(report.false_accepts, options.clips))} false accepts in {options.clips}")


def _check(options: StreamOptions) -> None:
    """Refuse, before hours of work, what could come to nothing."""
    if options.labels and not options.stream:
        raise click.UsageError("--labels says which words are said in the --stream")
    if (options.noise or options.word) and not options.positives:
        raise click.UsageError("--noise and --word go with --positives")
    if options.snr is not None and not options.noise:
        raise click.UsageError("--snr is the level over the --noise")
    if options.clips and not options.stream:
        raise click.UsageError("--clips writes the false accepts of the --stream")
    if options.det and not (options.stream and (options.positives or options.labels)):
        raise click.UsageError("--det draws both errors: it needs a --stream, and --positives or --labels")
    if options.det and options.verify:
        raise click.UsageError("--det moves the threshold of one model; with --verify there are two")
    if options.det:
        from wakeword.evaluation.det_plot import check_kind

        check_kind(options.det)
