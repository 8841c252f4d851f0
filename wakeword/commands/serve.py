"""`wakeword serve`, and `wakeword studio`, which is the same opened at another page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wakeword.commands.shared import FOLDER, Number, say

if TYPE_CHECKING:
    from service.settings import Settings


class _Names(click.ParamType):
    """Names and files of models, which may hold spaces: in an environment variable, commas lie between them."""

    name = "model"
    envvar_list_splitter = ","

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value.strip()


_OPTIONS = (
    click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        metavar="ADDRESS",
        help="Address to listen at. Any but loopback requires a token.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8765,
        show_default=True,
        metavar="N",
        help="TCP port; 0 picks a free one.",
    ),
    click.option(
        "--model",
        type=_Names(),
        multiple=True,
        metavar="M",
        help="Model file, or name of a model; it always listens. Repeatable.  [default: the last active ones]",
    ),
    click.option(
        "--then",
        type=_Names(),
        multiple=True,
        metavar="M",
        help="Model that is heard for five seconds after a word of those of --model. Repeatable.",
    ),
    click.option("--device", metavar="D", help="Microphone: its index, or a part of its name."),
    click.option("--serial", metavar="PORT", help="Store the detections of a board at this serial port."),
    click.option(
        "--data", type=FOLDER, metavar="DIR", help="Folder of all data and secrets.  [default: your data folder]"
    ),
    click.option(
        "--database",
        metavar="URL",
        help="postgresql://USER:PASSWORD@HOST/NAME, for several hosts.  [default: SQLite in DIR]",
    ),
    click.option("--clips", is_flag=True, help="Keep the audio around each event."),
    click.option(
        "--keep-days",
        type=Number(0, 1_000_000, open_low=True),
        default=30,
        show_default=True,
        metavar="DAYS",
        help="Days after which events and clips are deleted.",
    ),
    click.option(
        "--quota",
        type=Number(0, 1_000_000, open_low=True),
        default=5,
        show_default=True,
        metavar="GB",
        help="Gigabytes of disk that the studio may use: projects with their recordings and models.",
    ),
    click.option("--mqtt", metavar="URL", help="Publish events to an MQTT broker: mqtt://USER:PASSWORD@HOST."),
    click.option(
        "--webhook",
        "webhooks",
        envvar="WAKEWORD_SERVE_WEBHOOK",
        multiple=True,
        metavar="URL",
        help="Post events to this URL. Repeatable.",
    ),
    click.option("--wyoming", metavar="URL", help="Serve Home Assistant at tcp://HOST:PORT, without tokens."),
    click.option(
        "--origin",
        "origins",
        envvar="WAKEWORD_SERVE_ORIGIN",
        multiple=True,
        metavar="ORIGIN",
        help="Allow pages of this site. Repeatable.",
    ),
    click.option("--token", is_flag=True, help="Require the access token on loopback too, as behind a proxy."),
    click.option(
        "--tls", is_flag=True, help="Speak https, with a certificate of its own: for telephones' microphones."
    ),
    click.option("--behind-tls", is_flag=True, help="Browsers come by https, through a proxy: secure cookies."),
    click.option(
        "--root-path", default="", metavar="PATH", help="Path of the service at its proxy, such as /wakeword."
    ),
    click.option("--ingress", metavar="ADDRESS", help="Home Assistant's Supervisor, whose requests need no token."),
    click.option("--new-token", is_flag=True, help="Replace the access token. The old one is no longer valid."),
)


def _service(epilog: str, *, listens: bool) -> Callable[[Callable[..., None]], click.Command]:
    """Return what makes a command of a function that runs the service. listens: to the microphone by default."""
    microphone = click.option(
        "--microphone/--no-microphone",
        default=listens,
        show_default=True,
        help="Listen to this computer's microphone, or don't.",
    )

    def command(run: Callable[..., None]) -> click.Command:
        for option in reversed((*_OPTIONS, microphone)):
            run = option(run)
        return click.command(epilog=epilog, context_settings={"auto_envvar_prefix": "WAKEWORD_SERVE"})(run)

    return command


@_service("Example: wakeword serve --clips --host 0.0.0.0", listens=True)
def serve(new_token: bool, **options: Any) -> None:
    """Run the service: dashboard, streams, stored events.

    Events go to REST, MQTT, webhooks and Home Assistant.

    Each option is an environment variable too: WAKEWORD_SERVE_PORT and so on.
    """
    from service.run import serve as serving

    serving(_settings(**options), say, new_token)


@_service("Example: wakeword studio", listens=False)
@click.option("--browser/--no-browser", default=True, help="Open the page in the browser, or only print its address.")
def studio(new_token: bool, browser: bool, **options: Any) -> None:
    """Make wake words in the browser.

    Type a phrase, record it if you want, train it, try it, and take it along: a page of the service, which also runs
    with all its other parts. Its options are those of wakeword serve.
    """
    from service.run import serve as serving
    from service.studio.page import PATH

    serving(_settings(**options), say, new_token, PATH, browser)


def _settings(
    model: tuple[str, ...],
    then: tuple[str, ...],
    data: Path | None,
    keep_days: float,
    quota: float,
    root_path: str,
    **options: Any,
) -> Settings:
    from service.settings import DAY, Retention, Settings, data_folder

    return Settings(
        data or data_folder(),
        models=model,
        commands=then,
        retention=Retention(seconds=keep_days * DAY),
        quota=round(quota * 10**9),
        root_path=root_path.rstrip("/"),
        **options,
    )
