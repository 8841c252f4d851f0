"""`wakeword serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from wakeword.commands.shared import FOLDER, say


@click.command(
    epilog="Example: wakeword serve --clips --host 0.0.0.0", context_settings={"auto_envvar_prefix": "WAKEWORD_SERVE"}
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Any but loopback asks for a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: the last active]")
@click.option("--device", metavar="D", help="The microphone: its index, or a part of its name.")
@click.option("--microphone/--no-microphone", default=True, help="Whether to hear this computer's microphone.")
@click.option("--serial", metavar="PORT", help="Keep what a board at this serial port detects.")
@click.option("--data", type=FOLDER, metavar="DIR", help="Where everything is kept.  [default: your data folder]")
@click.option("--database", metavar="URL", help="postgresql://... for several hosts.  [default: SQLite in DIR]")
@click.option("--clips", is_flag=True, help="Keep the second of audio around each event.")
@click.option("--keep-days", type=click.FloatRange(min=0, min_open=True), default=30, show_default=True)
@click.option("--mqtt", metavar="URL", help="Publish events to this broker: mqtt://USER:PASSWORD@HOST.")
@click.option("--webhook", "webhooks", multiple=True, metavar="URL", help="Post events to this URL.")
@click.option("--wyoming", metavar="URL", help="Serve Home Assistant at tcp://HOST:PORT, which knows no tokens.")
@click.option("--origin", "origins", multiple=True, metavar="ORIGIN", help="Another site whose pages may use it.")
@click.option("--new-token", is_flag=True, help="Make another token; the one before is worth nothing then.")
def serve(data: Path | None, keep_days: float, new_token: bool, **options: Any) -> None:
    """Listen as a service: dashboard, REST, streams, and a store of events.

    Each option can be given as an environment variable too: WAKEWORD_SERVE_PORT and so on.
    """
    from service.run import serve as serving
    from service.settings import Retention, Settings, data_folder

    settings = Settings(data or data_folder(), retention=Retention(seconds=keep_days * 86_400), **options)
    serving(settings, say, new_token)
