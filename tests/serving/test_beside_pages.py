"""The service beside the pages: there unless a setting turns it off, and under the trust rules of the server."""

import pytest
from starlette.applications import Starlette

from glassbox.ui.server import app as server
from glassbox.ui.server.headers import Guard
from tests.serving.client import ask


def beside() -> Guard:
    return Guard(Starlette(routes=server.routes()))


def test_it_is_there_unless_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(beside(), "GET", "/v2", host="localhost").json["name"] == "glassbox"
    monkeypatch.setenv("GLASSBOX_SERVICE", "0")
    assert server.routes() == []


def test_a_program_asks_by_any_name_and_a_page_by_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    app = beside()
    assert ask(app, "GET", "/v2/health/ready", host="glassbox.cluster.internal").status == 200
    assert ask(app, "GET", "/v2/health/ready", host="evil.example", origin="http://evil.example").status == 421
    assert ask(app, "GET", "/v2/health/ready", host="localhost", origin="http://evil.example").status == 403
    assert ask(app, "GET", "/", host="evil.example").status == 421


def test_it_has_the_headers_of_the_pages() -> None:
    answer = ask(beside(), "GET", "/v2", host="localhost")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.filterwarnings("ignore:This AsyncLimiter")  # each `ask` has a loop of its own
def test_strangers_are_held_to_a_rate() -> None:
    app = beside()
    statuses = {ask(app, "GET", "/v2/models", host="localhost").status for _ in range(3)}
    assert statuses == {200} and server.routes()[0].app._door.settings.rate == 600  # type: ignore[attr-defined]
