"""What the dashboard says of where it is, and that it asks nobody for that."""

import pytest
import requests
from streamlit import config
from streamlit.web.server import server_util

from glassbox.ui.server import address


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The servers elsewhere that are asked meanwhile."""
    found: list[str] = []
    monkeypatch.setattr(requests, "get", lambda url, **_: found.append(url))
    monkeypatch.setattr(address.net_util, "get_external_ip", address.net_util.get_external_ip)
    monkeypatch.setattr(address.net_util, "get_internal_ip", lambda: "10.1.2.3")
    return found


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("server.address", None, "http://localhost:8501 or http://10.1.2.3:8501"),
        ("server.address", "0.0.0.0", "http://localhost:8501 or http://10.1.2.3:8501"),
        ("server.address", "127.0.0.1", "http://127.0.0.1:8501"),
        ("server.address", "unix:///run/glassbox", "unix:///run/glassbox"),
        ("browser.serverAddress", "glassbox.school.example", "http://glassbox.school.example:8501"),
    ],
)
def test_the_address(
    asked: list[str],
    option: str,
    value: str | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    get, manual = config.get_option, config.is_manually_set
    options = {"server.port": 8501, "browser.serverPort": 8501, option: value}
    monkeypatch.setattr(config, "get_option", lambda name: options[name] if name in options else get(name))
    monkeypatch.setattr(config, "is_manually_set", lambda name: name == option or manual(name))
    address.prepare()
    assert capsys.readouterr().out == f"The dashboard can be opened at {said}\n"
    assert not asked


def test_who_knocks_from_another_site_makes_the_server_ask_nobody(asked: list[str]) -> None:
    assert not server_util.is_url_from_allowed_origins("https://evil.example")
    assert asked, "if Streamlit asks no more by itself, this module need not stop it"
    asked.clear()
    address.prepare()
    assert not server_util.is_url_from_allowed_origins("https://evil.example")
    assert not asked


def test_streamlit_s_own_words_are_switched_off() -> None:
    assert config.get_option("logger.hideWelcomeMessage")
