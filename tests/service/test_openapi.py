"""The OpenAPI document is true: every request made from it gets a documented response, never 5xx."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.studio import hearings, jobs, speech
from tests.service.live import Live, running, settings
from tests.signals import demo
from tests.waits import PATIENCE

_ENDLESS = r"/live$"
_NO_SCHEMA = re.compile(r"^/api/(detect$|studio/)")
_EFFORT = effort(max_examples=25, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with pytest.MonkeyPatch.context() as patch, running(settings(tmp_path_factory.mktemp("data"), clips=True)) as live:
        for module in (hearings, jobs, speech):  # no training, and no voice, is begun for each request
            patch.setattr(module, "of_wakeword", lambda *arguments: [sys.executable, "-IS", "-c", "exit(2)"])
        live.push(demo())
        yield live


def test_every_response_is_documented(service: Live) -> None:
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json").exclude(path_regex=_ENDLESS)
    found = list(schema.get_all_operations())
    operations = [it.ok() for it in found if isinstance(it, Ok)]
    assert len(operations) == len(found)
    assert len(operations) > 15
    for operation in operations:

        @given(case=operation.as_strategy())
        @_EFFORT
        def holds(case: schemathesis.Case) -> None:
            # No schema can describe the bytes of an audio file, nor what can be said.
            path = case.operation.path
            excluded: list[CheckFunction] = [positive_data_acceptance] if _NO_SCHEMA.search(path) else []
            case.call_and_validate(excluded_checks=excluded, timeout=PATIENCE)

        holds()


def test_every_operation_has_a_summary_and_errors_and_every_schema_an_example(service: Live) -> None:
    document = service.http.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert "Problem" in schemas and "HTTPValidationError" not in schemas
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            problems = [answer for status, answer in operation["responses"].items() if status >= "400"]
            assert problems and all("application/problem+json" in answer["content"] for answer in problems)
    for name, model in schemas.items():
        if name not in ("Problem",) and model.get("type") == "object":
            assert model.get("examples"), name


def test_the_document_names_the_path_of_the_service_at_its_proxy(service: Live, tmp_path: Path) -> None:
    assert "servers" not in service.http.get("/openapi.json").json()
    with running(settings(tmp_path, root_path="/wakeword")) as live:
        assert live.http.get("/wakeword/openapi.json").json()["servers"] == [{"url": "/wakeword"}]
