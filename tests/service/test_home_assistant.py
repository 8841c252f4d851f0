"""The add-on: what it starts for the user's options, how it is announced, and its configuration."""

from __future__ import annotations

import json
import re
import socket
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.home_assistant import SUPERVISOR, WYOMING_PORT, announce, settings
from service.settings import Settings
from tests.service.receiver import Receiver
from tests.signals import ROOT
from wakeword.errors import DataError, UsageError
from wakeword.model.pretrained import WAKE_WORD

ADD_ON = ROOT / "deploy" / "home-assistant"
CONFIG: dict[str, Any] = yaml.safe_load((ADD_ON / "config.yaml").read_text())


def started(tmp_path: Path, options: dict[str, Any]) -> Settings:
    """Return the settings of the service for the user's options."""
    file = tmp_path / "options.json"
    file.write_text(json.dumps(options))
    return settings(file, tmp_path)


def test_the_user_s_options_become_those_of_the_service(tmp_path: Path) -> None:
    chosen = started(tmp_path, {"models": ["computer", "my word"], "then": ["google12"], "clips": True, "keep_days": 7})
    assert (chosen.models, chosen.commands) == (("computer", "my word"), ("google12",))
    assert chosen.clips and chosen.retention.seconds == 7 * 86_400


def test_as_installed_it_listens_where_the_configuration_says_and_trusts_the_supervisor_alone(tmp_path: Path) -> None:
    chosen = started(tmp_path, CONFIG["options"])
    assert (chosen.port, chosen.ingress, chosen.needs_token) == (CONFIG["ingress_port"], SUPERVISOR, True)
    assert chosen.wyoming == f"tcp://0.0.0.0:{WYOMING_PORT}" and list(CONFIG["ports"]) == [f"{WYOMING_PORT}/tcp"]
    assert (chosen.models, chosen.clips, chosen.microphone) == ((WAKE_WORD,), False, False)


def test_commands_without_a_wake_word_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--then needs --model"):
        started(tmp_path, {**CONFIG["options"], "models": [], "then": ["google12"]})


def test_every_option_has_a_form_and_is_explained() -> None:
    assert set(CONFIG["options"]) == set(CONFIG["schema"])
    explained = yaml.safe_load((ADD_ON / "translations" / "en.yaml").read_text())
    assert set(explained["configuration"]) == set(CONFIG["options"])
    assert set(explained["network"]) == set(CONFIG["ports"])


def test_the_add_on_has_the_version_of_the_package() -> None:
    assert CONFIG["version"] == metadata.version("wakeword")


def test_damaged_options_are_one_line(tmp_path: Path) -> None:
    file = tmp_path / "options.json"
    for content in (None, "{"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(
            DataError, match=rf"^{re.escape(str(file))} can't be read: .*; save the add-on's options again"
        ):
            settings(file, tmp_path)


@pytest.fixture
def wyoming() -> Any:
    """A port at which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_home_assistant_is_told_of_the_wyoming_server(receiver: Receiver, wyoming: int) -> None:
    receiver.answers = [500, 200]  # the Supervisor may be busy
    said = announce(receiver.url.removesuffix("/hook"), "secret", wyoming, pause=0.01)
    assert said == "Home Assistant is told of the Wyoming server"
    posted = [receiver.posted.get(timeout=5) for _ in range(2)][-1]
    assert (posted.path, posted.headers["authorization"]) == ("/discovery", "Bearer secret")
    uri = f"tcp://{socket.gethostname()}:{wyoming}"
    assert json.loads(posted.body) == {"service": "wyoming", "config": {"uri": uri}}


def test_a_supervisor_that_refuses_is_told_in_a_line(receiver: Receiver, wyoming: int) -> None:
    receiver.answers = [403]
    said = announce(receiver.url.removesuffix("/hook"), "wrong", wyoming, pause=0.01)
    assert said == (
        "Home Assistant is not told of the Wyoming server: the Supervisor answers 403; "
        "add the integration Wyoming by hand"
    )


def test_every_file_that_the_dockerfile_copies_is_in_the_archive() -> None:
    copied = re.search(r"^COPY (.*) /wheels/$", (ADD_ON / "Dockerfile").read_text(), re.MULTILINE)
    assert copied is not None and copied[1].split() == ["requirements.txt", "*.whl"]
    assert "wakeword" not in (ROOT / "deploy" / "requirements.txt").read_text()  # it is not in a registry
