"""The audio of a data folder that can't be used, because of its place or its kind, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wakeword.audio.files import audio_files, unread_text
from wakeword.data.keywords import KeywordSet
from wakeword.data.speech_commands import clip_label, list_clips
from wakeword.errors import counted, listed, printable


def unused_line(root: Path, keywords: KeywordSet) -> str:
    """Return the line on the audio that a data folder holds in vain; "" if there is none.

    Raises:
        DataError: as `list_clips`.
    """
    texts = "; ".join(unused_texts(root, keywords))
    return f"{root}: {texts}" if texts else ""


def unused_texts(root: Path, keywords: KeywordSet) -> Iterator[str]:
    """Yield a text for each reason why audio of a data folder is left out.

    Raises:
        DataError: as `list_clips`.
    """
    unplaced = [clip for clip in list_clips(root, "all") if clip_label(clip, keywords) is None]
    if unplaced:
        folders = dict.fromkeys(printable("/".join((clip.word, *clip.inside, ""))) for clip in unplaced)
        clips, places = counted(len(unplaced), "clip"), listed(list(folders))
        yield f"left out {clips} in {places}: move a keyword's folder to {root}, or give its parent"
    if loose := audio_files(root):
        yield f"left out {counted(len(loose), 'clip')} in no folder of a word, such as {printable(loose[0].name)}"
    if unread := unread_text(root):
        yield f"left out {unread}"
