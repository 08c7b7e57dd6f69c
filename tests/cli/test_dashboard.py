"""`glassbox dashboard`, up to where Streamlit takes over; tests/packaging/test_wheel.py goes on from there."""

import pytest
from streamlit.web import cli

from glassbox.__main__ import main
from glassbox.cli import installation
from glassbox.paths import ROOT


def test_streamlit_gets_the_script_and_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda arguments, prog_name: calls.append(arguments))
    options = ["--server.port", "8765", "--server.address=127.0.0.1"]
    assert main(["dashboard", *options]) == 0
    assert calls == [["run", str(ROOT / "dashboard.py"), *options]]
    assert (ROOT / "dashboard.py").is_file()


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    version = installation.installed_version
    monkeypatch.setattr(installation, "installed_version", lambda name: None if name == "plotly" else version(name))
    assert main(["dashboard"]) == 1
    assert capsys.readouterr().err == 'The dashboard needs plotly: pip install "glassbox[app]"\n'


def test_no_other_command_takes_unknown_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--server.port", "8765"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --server.port 8765" in capsys.readouterr().err
