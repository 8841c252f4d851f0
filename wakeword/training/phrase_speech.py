"""Speak the clips of a wake word that nobody has recorded, and of its negatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from wakeword.data.keywords import RECORDED
from wakeword.errors import UsageError
from wakeword.phrases.lexicon import lexicon
from wakeword.phrases.negatives import (
    MIN_EDIT_COST,
    dissimilar,
    hard_negatives,
    negative_sentences,
    negative_words,
    targets,
)
from wakeword.phrases.spoken import Spoken
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Clip, SpeechEngineError, Utterance, takes

# Takes a description and a number of clips; gives a function to call after each clip.
Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]


def no_progress(what: str, count: int) -> AbstractContextManager[Callable[[], None]]:
    """Tell nobody."""
    return nullcontext(lambda: None)


@dataclass(frozen=True)
class PhraseClips:
    """The number of clips of each kind, how often each is drawn, and where the speech lies in a clip."""

    positives: int  # of each phrase
    hard_negatives: int  # of each phrase
    sentences: int  # for all phrases together
    words: int  # frequent words, for all phrases together
    command_takes: int  # of each word of Speech Commands
    refused: int = 300  # of each phrase that is to be refused
    silence: float = 0.2  # clips of noise alone, as a fraction of the positives
    partial_phrases: float = 0.3  # as a fraction of the positives
    refused_weight: float = 0.25  # how often each refused phrase is drawn, relative to each other kind of negatives
    hard_weight: float = 0.25  # how often hard negatives and partial phrases are drawn, relative to each other kind
    margin: float = 0.5  # seconds that a clip is longer than nearly all of the phrases
    pause: tuple[float, float] = (0.1, 0.4)  # seconds between the end of the speech and the end of the clip
    validation: float = 0.1  # fraction of the voices kept for validation

    @classmethod
    def for_positives(cls, count: int) -> PhraseClips:
        """Return the usual numbers of negatives beside this many clips of each phrase."""
        return cls(
            positives=count,
            hard_negatives=count,
            sentences=count // 4,
            words=count,
            command_takes=max(1, count // 75),
            refused=count // 2,
        )


@dataclass(frozen=True, eq=False)
class Speech:
    """All synthetic clips."""

    positives: dict[str, list[Clip]]  # of each phrase
    hard_negatives: list[list[Clip]]  # of each phrase
    sentences: list[Clip]
    words: list[Clip]
    refused: list[Clip] = field(default_factory=list)

    @property
    def clips(self) -> list[Clip]:
        lists = (*self.positives.values(), *self.hard_negatives, self.sentences, self.words, self.refused)
        return [clip for clips in lists for clip in clips]


def speak_all(
    phrases: Sequence[str],
    spoken: Spoken,
    seed: int,
    synthesizer: Synthesizer,
    wanted: PhraseClips,
    progress: Progress,
    refused: Sequence[str] = (),
) -> Speech:
    """Speak the phrases and their negatives, or take the clips from the synthesizer's cache.

    Raises:
        UsageError: the voices can't say a phrase, or one of them is heard in a refused phrase.
        SpeechEngineError: an engine fails, or every clip of a phrase does.
    """

    def speak(utterances: Sequence[Utterance], what: str) -> list[Clip]:
        if not utterances:
            return []
        with progress(what, len(utterances)) as on_clip:
            clips = synthesizer.synthesize(utterances, on_clip)
        if not clips:
            raise SpeechEngineError(f"every clip of {what} failed; choose another spelling, or install another engine")
        return clips

    spoken.check([*phrases, *refused])
    check_refused(refused, phrases, spoken)
    sentences = negative_sentences(phrases, wanted.sentences, seed, spoken)
    common = sorted(RECORDED) if spoken.language.is_english else list(lexicon(spoken.language))[: len(RECORDED)]
    commands = wanted.command_takes * list(dissimilar(phrases, common, spoken))
    words = (*commands, *negative_words(phrases, wanted.words, seed, spoken))
    return Speech(
        {phrase: speak(takes(phrase, spoken, wanted.positives), phrase) for phrase in phrases},
        [
            speak(_hard_utterances(phrase, phrases, wanted.hard_negatives, seed, spoken), f"hard negatives of {phrase}")
            for phrase in phrases
        ],
        speak([Utterance(text) for text in sentences], "sentences"),
        speak([Utterance(word) for word in words], "single words"),
        speak([Utterance(phrase) for _ in range(wanted.refused) for phrase in refused], "phrases to refuse"),
    )


def check_refused(refused: Sequence[str], phrases: Sequence[str], spoken: Spoken) -> None:
    """Raise UsageError if a phrase that is to be heard, or one that sounds like it, is within one to be refused."""
    for phrase in refused:
        for target in targets(phrases, spoken):
            if target.edits_within([target.phonemes_of(phrase)])[0] < MIN_EDIT_COST:
                raise UsageError(f"{phrase!r} can't be refused: {target.text!r} is heard in it; leave one of them out")


def _hard_utterances(phrase: str, phrases: Sequence[str], count: int, seed: int, spoken: Spoken) -> list[Utterance]:
    found = hard_negatives(phrase, count, seed, [other for other in phrases if other != phrase], spoken)
    return [Utterance(negative.text, negative.ipa) for negative in found]
