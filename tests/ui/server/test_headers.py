"""A page elsewhere cannot speak to a dashboard on a laptop, and a page of ours loads nothing from elsewhere."""

import pytest
from starlette.responses import PlainTextResponse

from glassbox.serving.origins import known
from glassbox.serving.settings import METRICS
from glassbox.ui.server import headers
from glassbox.ui.server.headers import Guard
from tests.ui.server.asgi import ask


@pytest.fixture
def app() -> Guard:
    return Guard(PlainTextResponse("a page"))


@pytest.mark.parametrize(
    "host",
    ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.1.7:8501", "glassbox.streamlit.app", "LOCALHOST."],
)
def test_known_hosts(host: str) -> None:
    assert known(host, [])


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8501", "localhost.evil.example", "streamlit.app.evil"]
)
def test_unknown_hosts(host: str) -> None:
    assert not known(host, [])
    assert known(host, ["*"])


def test_hosts_that_a_setting_names() -> None:
    assert known("demo.school.example", ["*.school.example"]) and known("school.example:443", ["School.example"])
    assert not known("myschool.example", ["*.school.example", "school.example"])


def test_a_rebound_name_gets_neither_page_nor_socket(app: Guard) -> None:
    assert ask(app, "/", host="evil.example").status == 421
    assert ask(app, "/_stcore/stream", kind="websocket", host="evil.example").status == 0


def test_the_headers_of_a_page(app: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(app, "/explain", host="localhost:8501")
    assert answer.body == b"a page"
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'self'" in policy and "http" not in policy
    monkeypatch.setenv(headers.FRAME_ANCESTORS, "https://school.example")
    framed = ask(Guard(PlainTextResponse("")), "/", host="localhost").headers["content-security-policy"]
    assert framed.endswith("frame-ancestors https://school.example")


def test_metrics_are_closed_unless_asked_for(app: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(app, "/_stcore/metrics", host="localhost").status == 404
    assert ask(app, "/_stcore/metrics/", host="localhost").status == 404
    monkeypatch.setenv(METRICS, "1")
    assert ask(Guard(PlainTextResponse("m")), "/_stcore/metrics", host="localhost").body == b"m"
