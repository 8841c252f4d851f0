"""The settings of the service, fixed at its start."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_path

from service.origins import parse_origin
from service.sockets import is_loopback
from wakeword.errors import UsageError

_MEGABYTE = 1 << 20
DAY = 86_400  # seconds
_ROOT_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[\w.~-]+)*", re.ASCII)


@dataclass(frozen=True)
class Limits:
    """Limits on one client or on all clients."""

    upload_bytes: int = 25 * _MEGABYTE
    recording_bytes: int = 256 * _MEGABYTE  # of one upload to the studio, which may be an hour or more
    upload_seconds: int = 600  # of audio; a small file may hold hours of silence
    message_bytes: int = 256 * 1024  # of one WebSocket message: 8 seconds of audio
    lead_seconds: float = 30.0  # that a stream may run ahead of real time before it is slowed down
    messages_per_second: float = 500.0  # of a stream, on average, beyond a few seconds' worth
    idle_seconds: float = 60.0  # without a message, after which a stream is closed
    streams: int = 400
    watchers: int = 64  # open event feeds
    wyoming_connections: int = 200
    wyoming_connections_per_address: int = 100
    requests_per_second: float = 50.0  # from one address
    burst: int = 200
    connections: int = 800  # to the HTTP port, in all
    connections_per_address: int = 600  # of another computer
    head_seconds: float = 10.0  # for the head of a request
    body_seconds: float = 600.0  # for the body of a request
    body_rate: int = 16 * 1024  # bytes a second of a body, at least, after the first seconds
    unread_seconds: float = 20.0  # in which a client must read some of what it is sent
    receiving: int = 8  # uploads received at a time; from another computer half as many
    failed_logins: int = 10  # from one address, in a minute
    feedback_clips: int = 10_000  # filed for training, 320 MB


@dataclass(frozen=True)
class Retention:
    """Limits on stored events and clips. The oldest are deleted first."""

    seconds: float = 30 * DAY
    clip_bytes: int = 500 * _MEGABYTE
    events: int = 1_000_000
    reserve_bytes: int = 8 * _MEGABYTE  # given back to a full disk, since deleting takes room too


@dataclass(frozen=True)
class Settings:
    """The service's address, data, inputs, access and deliveries."""

    data: Path  # folder of database, clips, feedback, models and secrets
    host: str = "127.0.0.1"
    port: int = 8765
    models: tuple[str, ...] = ()  # that always listen; none: the last active ones, else the default
    commands: tuple[str, ...] = ()  # models that are heard after a word of those
    microphone: bool = True
    device: str | None = None
    serial: str | None = None  # port of a board
    database: str | None = None  # SQLAlchemy URL; None: SQLite in `data`
    clips: bool = False  # keep the audio around each event
    origins: tuple[str, ...] = ()  # allowed besides the service's own
    token: bool = False  # require a token even if only this computer can connect, as behind a proxy
    tls: bool = False  # speak https, with a certificate of the service's own
    behind_tls: bool = False  # browsers reach the service by https, through a proxy
    root_path: str = ""  # path of the service at its proxy, such as /wakeword
    ingress: str | None = None  # address of Home Assistant's Supervisor, whose requests need no token
    mqtt: str | None = None  # mqtt://USER:PASSWORD@HOST:PORT
    webhooks: tuple[str, ...] = ()
    first_retry: float = 1.0  # seconds before the first retry of a delivery; doubles each time
    part_retry: float = 5.0  # seconds before a failed task is restarted
    wyoming: str | None = None  # tcp://HOST:PORT to listen at
    quota: int = 5 * 10**9  # bytes of the studio's projects and inbox
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)

    def __post_init__(self) -> None:
        """Check what browsers compare, and what the models' names alone tell.

        Raises:
            UsageError: an origin, the root path or the Supervisor's address can't be used, or there are commands
                without models.
        """
        if self.commands and not self.models:
            raise UsageError("--then needs --model: commands are heard after a word of the models that it names")
        for origin in self.origins:
            if parse_origin(origin) is None:
                raise UsageError(f"--origin takes https://NAME or http://NAME:PORT, not {origin!r}")
        if not is_root_path(self.root_path):
            raise UsageError(f"--root-path takes a path such as /wakeword, not {self.root_path!r}")
        if self.ingress is not None and not _is_address(self.ingress):
            raise UsageError(f"--ingress takes the address of Home Assistant's Supervisor, not {self.ingress!r}")

    @property
    def https(self) -> bool:
        """Return whether browsers come by https."""
        return self.tls or self.behind_tls

    @property
    def needs_token(self) -> bool:
        """Return whether a client needs a token."""
        return self.token or not self.loopback

    @property
    def loopback(self) -> bool:
        """Return whether only this computer can connect."""
        return is_loopback(self.host)

    @property
    def every_interface(self) -> bool:
        """Return whether the service listens at every address of this computer."""
        return self.host in ("0.0.0.0", "::", "")

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        return self.database or f"sqlite:///{self.data / 'events.sqlite'}"

    @property
    def clip_folder(self) -> Path:
        """Return the folder of events' clips."""
        return self.data / "clips"

    @property
    def feedback_folder(self) -> Path:
        """Return the folder of judged clips, for `wakeword train --extra`."""
        return self.data / "feedback"

    @property
    def model_folder(self) -> Path:
        """Return the folder of the user's models, which can be activated beside the shipped ones."""
        return self.data / "models"


def is_root_path(path: str) -> bool:
    """Return whether a path can be put before those of the service: empty, or as /wakeword."""
    return _ROOT_PATH.fullmatch(path) is not None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def data_folder() -> Path:
    """Return the user's default data folder."""
    return user_data_path("wakeword")
