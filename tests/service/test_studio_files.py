"""The files of the studio's page: where they are, who gets them, and what their scripts may do."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from service.studio.page import page_paths
from service.tokens import new_token, token_hash
from tests.service.live import running, settings
from tests.signals import ROOT


def test_the_page_is_below_studio_with_the_module_that_hears(tmp_path: Path) -> None:
    with running(settings(tmp_path)) as live:
        assert live.http.get("/studio", follow_redirects=True).url.path == "/studio/"
        page = live.http.get("/studio/")
        assert "<title>wakeword studio</title>" in page.text
        module = live.http.get("/studio/web/wakeword.wasm")
        assert module.content == (ROOT / "wakeword/assets/web/wakeword.wasm").read_bytes()
        assert "script-src 'self' 'wasm-unsafe-eval'" in page.headers["content-security-policy"]
        dashboard = live.http.get("/").headers["content-security-policy"]
        assert "wasm" not in dashboard and "default-src 'self'" in dashboard


def test_behind_a_proxy_the_page_is_below_the_service_s_path(tmp_path: Path) -> None:
    with running(settings(tmp_path, root_path="/wakeword")) as live:
        moved = live.http.get("/wakeword/studio")
        assert httpx.URL(f"{live.url}/wakeword/studio").join(moved.headers["location"]).path == "/wakeword/studio/"
        assert live.http.get("/wakeword/studio/studio.js").status_code == 200


def test_the_page_s_files_need_no_token_and_the_api_does(tmp_path: Path) -> None:
    new_token(tmp_path)
    with running(settings(tmp_path, token=True), token_hash(tmp_path)) as live:
        assert {path: live.http.get(path, follow_redirects=True).status_code for path in page_paths()} == dict.fromkeys(
            page_paths(), 200
        )
        assert live.http.get("/api/studio/projects").status_code == 401


@pytest.mark.parametrize("path", ["/studio/%2e%2e/page.py", "/studio/web/%2e%2e/figures.json"])
def test_no_path_leads_out_of_the_page_s_folder(path: str, tmp_path: Path) -> None:
    with running(settings(tmp_path)) as live:
        assert live.http.get(path).status_code == 404
