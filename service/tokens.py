"""The access token: shown once, stored as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

from wakeword.files import write_whole

_FILE = "token.sha256"


def token_hash(folder: Path) -> str | None:
    """Return the hash of the present token, or None if there is none."""
    try:
        return (folder / _FILE).read_text().strip()
    except FileNotFoundError:
        return None


def new_token(folder: Path) -> str:
    """Make a token. The one before is no longer valid.

    Raises:
        WakewordError: its hash can't be written.
    """
    token = secrets.token_urlsafe(32)
    write_whole(folder / _FILE, hashed(token).encode(), private=True)
    return token


def matches(token: str, stored: str) -> bool:
    """Return whether a token has this hash. A token is 256 random bits, so it needs no slow hash."""
    return hmac.compare_digest(hashed(token), stored)


def hashed(token: str) -> str:
    """Return the hash of a token, in the form that is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
