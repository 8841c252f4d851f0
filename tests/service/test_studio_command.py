"""`wakeword studio`: the service, with the browser opened at the studio's page."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.processes import started
from tests.signals import ROOT
from tests.waits import PATIENCE, until

_STUDIO = [sys.executable, "-m", "wakeword.cli", "studio", "--port", "0"]


@pytest.mark.slow
def test_the_page_is_opened_and_its_address_printed(tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o700)
    with started(
        [*_STUDIO, "--data", tmp_path / "data"], cwd=ROOT, environment={"BROWSER": f"{browser} %s"}
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        found = re.fullmatch(r"wakeword: (http://127\.0\.0\.1:\d+)/studio/ \(Ctrl-C ends it\)\n", said)
        assert found, said
        until(opened.exists)
        assert opened.read_text() == f"{found[1]}/studio/\n"
        assert "<title>" in httpx.get(f"{found[1]}/studio/").text
        assert httpx.get(f"{found[1]}/api/studio/projects").json() == []
        assert httpx.get(f"{found[1]}/api/sources").json() == []  # it listens to no microphone
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)


@pytest.mark.slow
def test_no_browser_is_opened_if_none_is_wanted_and_a_token_is_told(tmp_path: Path) -> None:
    environment = {"BROWSER": f"touch {tmp_path / 'opened'} %s"}
    options = ["--data", tmp_path / "data", "--no-browser", "--token"]
    with started([*_STUDIO, *options], cwd=ROOT, environment=environment) as process:
        assert process.stderr is not None
        token = process.stderr.readline().decode().strip().rpartition(" ")[2]
        url = process.stderr.readline().decode().split()[1].removesuffix("/studio/")
        until(lambda: _answers(url))
        assert httpx.get(f"{url}/studio/").status_code == 200
        assert httpx.get(f"{url}/api/studio/projects").status_code == 401
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{url}/api/studio/projects", headers=bearer).status_code == 200
    assert not (tmp_path / "opened").exists()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False
