"""Sessions of browsers. The cookie holds a random value of its own, not the token; the service keeps its hash."""

from __future__ import annotations

import json
import secrets
import threading
from pathlib import Path

import structlog

from service.tokens import hashed
from wakeword.errors import WakewordError
from wakeword.files import write_whole

LIFETIME = 30 * 86_400  # seconds
INVITATION = 600  # seconds in which an invitation is accepted
_MAX_SESSIONS = 100  # beyond that the oldest end
_MAX_INVITATIONS = 20  # likewise
_FILE = "sessions.json"
_log = structlog.get_logger()


class Sessions:
    """Opens, finds and ends sessions. Times are seconds since 1970. They outlive a restart, but not their token."""

    def __init__(self, folder: Path, token_hash: str) -> None:
        """folder: where they are kept. token_hash: of the present token; sessions of an earlier one have ended."""
        self._file = folder / _FILE
        self._token_hash = token_hash
        self._lock = threading.Lock()
        self._ends = self._read()  # end of each session, by the hash of its value
        self._invitations: dict[str, float] = {}  # end of each, by its hash; a restart ends them

    def open(self, now: float) -> str:
        """Open a session, and return its value for the cookie."""
        value = secrets.token_urlsafe(32)
        with self._lock:
            current = [(key, end) for key, end in self._ends.items() if end > now]
            self._ends = dict([*current, (hashed(value), now + LIFETIME)][-_MAX_SESSIONS:])
            self._write()
        return value

    def is_open(self, value: str, now: float) -> bool:
        """Return whether a cookie's value is that of a session that has not ended."""
        return self._ends.get(hashed(value), 0.0) > now

    def end(self, value: str) -> None:
        """End a session, if there is one of this value."""
        with self._lock:
            if hashed(value) in self._ends:
                self._ends = {key: end for key, end in self._ends.items() if key != hashed(value)}
                self._write()

    def invite(self, now: float) -> str:
        """Return an invitation, by which another browser of the same person opens one session soon."""
        value = secrets.token_urlsafe(16)
        with self._lock:
            current = [(key, end) for key, end in self._invitations.items() if end > now]
            self._invitations = dict([*current, (hashed(value), now + INVITATION)][-_MAX_INVITATIONS:])
        return value

    def accept(self, invitation: str, now: float) -> bool:
        """Use an invitation up. Return whether it was valid."""
        with self._lock:
            return self._invitations.pop(hashed(invitation), 0.0) > now

    def _read(self) -> dict[str, float]:
        try:
            kept = json.loads(self._file.read_bytes())
            if kept["token"] != self._token_hash:
                return {}
            return {str(key): float(end) for key, end in kept["sessions"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _log.warning("sessions can't be read; browsers must log in again", file=str(self._file), reason=repr(error))
            return {}

    def _write(self) -> None:
        try:
            write_whole(
                self._file, json.dumps({"token": self._token_hash, "sessions": self._ends}).encode(), private=True
            )
        except WakewordError as error:  # a full disk locks nobody out
            _log.warning("sessions are kept until the next restart only", reason=str(error))
