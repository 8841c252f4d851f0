"""Why a client is disconnected."""

from __future__ import annotations

from wakeword.errors import WakewordError


class Refused(WakewordError):
    """Report a client that is to be disconnected. It gets the code and the text; the log gets the text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
