"""All that the service is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_path

from service.sockets import is_loopback

_MEGABYTE = 1 << 20
_DAY = 86_400


@dataclass(frozen=True)
class Limits:
    """What one client, or all of them, may ask for."""

    upload_bytes: int = 25 * _MEGABYTE
    upload_seconds: int = 600  # of audio, for a small file may hold hours of silence
    message_bytes: int = 256 * 1024  # of one WebSocket message: 8 seconds of audio
    lead_seconds: float = 30.0  # how far a stream may run ahead of the clock before it is slowed down
    idle_seconds: float = 60.0  # without a message, after which a stream is closed
    streams: int = 400
    watchers: int = 64  # open event feeds
    requests_per_second: float = 50.0  # of one address
    burst: int = 200
    failed_logins: int = 10  # of one address, in a minute


@dataclass(frozen=True)
class Retention:
    """How much of the past is kept; what is older goes first."""

    seconds: float = 30 * _DAY
    clip_bytes: int = 500 * _MEGABYTE
    events: int = 1_000_000


@dataclass(frozen=True)
class Settings:
    """Where the service lives, whom it lets in, and what it tells to whom."""

    data: Path  # the folder of everything that it keeps
    host: str = "127.0.0.1"
    port: int = 8765
    model: str | None = None  # None: the one that was active last, else google12
    microphone: bool = True
    device: str | None = None
    serial: str | None = None  # the port of a board
    database: str | None = None  # a URL of SQLAlchemy; None is SQLite within `data`
    clips: bool = False  # whether the second around an event is kept
    origins: tuple[str, ...] = ()  # of pages that may use the service, besides its own
    mqtt: str | None = None  # mqtt://USER:PASSWORD@HOST:PORT
    webhooks: tuple[str, ...] = ()
    first_retry: float = 1.0  # seconds after which a failed delivery is tried again; then twice as long, and so on
    part_retry: float = 5.0  # seconds after which a part of the service that failed begins anew
    wyoming: str | None = None  # tcp://HOST:PORT to listen at
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)

    @property
    def loopback(self) -> bool:
        """Whether only this computer can reach it; then no token is asked for."""
        return is_loopback(self.host)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'events.sqlite'}"

    @property
    def clip_folder(self) -> Path:
        return self.data / "clips"

    @property
    def feedback_folder(self) -> Path:
        """Clips for `wakeword train --extra`, in a folder for each word."""
        return self.data / "feedback"

    @property
    def model_folder(self) -> Path:
        """Models that are put here can be activated beside the shipped ones."""
        return self.data / "models"


def data_folder() -> Path:
    """The user's own, where none is given."""
    return user_data_path("wakeword")
