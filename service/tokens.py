"""The token that lets others than this computer in: said once, and kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from wakeword.files import write_whole

_FILE = "token.sha256"


def token_hash(folder: Path) -> str | None:
    """The hash of the token that was made last, if one was."""
    try:
        return (folder / _FILE).read_text().strip()
    except FileNotFoundError:
        return None


def new_token(folder: Path) -> str:
    """Make a token; whoever has the one before is let in no more.

    Raises:
        WakewordError: its hash can't be written.
    """
    token = secrets.token_urlsafe(32)
    write_whole(folder / _FILE, _hash(token).encode())
    (folder / _FILE).chmod(0o600)
    return token


def matches(token: str, kept: str) -> bool:
    """Whether the hash is this token's. A token is 256 bits of chance, so a plain hash is as good as a slow one."""
    return hmac.compare_digest(_hash(token), kept)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
