"""The proxy's configuration and the page on serving hold what the dashboard's settings say."""

import re
import shutil
import subprocess
import tomllib
from dataclasses import fields

import pytest

from glassbox.engine import choice, isolation
from glassbox.paths import ROOT
from glassbox.serving import settings
from glassbox.ui.server import headers

CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]


def test_the_proxy_takes_each_upload_that_the_dashboard_takes() -> None:
    (megabytes,) = map(int, re.findall(r"max_size (\d+)MB", CADDYFILE))
    assert SETTINGS["maxUploadSize"] * 1.048576 < megabytes < 2 * SETTINGS["maxUploadSize"]
    assert f"bodies of {SETTINGS['maxUploadSize']} MB" in PAGE


def test_the_page_names_every_variable() -> None:
    assert set(re.findall(r"GLASSBOX_\w+", PAGE)) == {
        headers.FRAME_ANCESTORS,
        headers.METRICS,
        isolation.MODEL_MEGABYTES,
        isolation.CHILDREN,
        isolation.SECONDS,
        *(settings.variable(one.name) for one in fields(settings.Settings)),
        choice.ENGINE,
        choice.KEY,
        choice.SECONDS,
        choice.FALLBACK,
    }


@pytest.mark.parametrize("option", ["--server.address 127.0.0.1", "--browser.serverAddress", "deploy/Caddyfile"])
def test_page_and_configuration_say_the_same(option: str) -> None:
    assert option in PAGE and option in CADDYFILE


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
def test_caddy_takes_the_configuration() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
    checked = subprocess.run(command, capture_output=True, text=True, env={"HOME": "/nonexistent", "PATH": "/usr/bin"})
    assert "Valid configuration" in checked.stdout + checked.stderr
