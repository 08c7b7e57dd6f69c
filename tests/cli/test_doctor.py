"""`glassbox doctor`: what is there, and what it says when something is not."""

import json
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest

from glassbox.__main__ import main
from glassbox.cli import installation
from glassbox.engine.isolation import PROTECTIONS
from glassbox.paths import MODELS


def test_nothing_needed_is_missing_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert re.search(rf"^numpy +{re.escape(metadata.version('numpy'))} ", text, re.MULTILINE)
    assert "cpu: ready" in text
    assert re.search(r"^port 8501: (free|taken)", text, re.MULTILINE)
    assert "Streamlit Community Cloud" not in text
    assert text.endswith("Nothing that is needed is missing.\n")


def test_the_report_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["missing"]["needed"] == []
    assert report["packages"]["onnxruntime"]["version"] == metadata.version("onnxruntime")
    assert report["packages"]["streamlit"]["extra"] == "app"
    assert set(report["models"]) == {card.parent.name for card in MODELS.glob("*/card.json")}
    assert not any(report["models"].values())
    assert 0 < report["memory"]["available"] < report["memory"]["total"]
    assert list(report["sandbox"]) == list(PROTECTIONS)


@pytest.mark.parametrize(
    ("sandbox", "said"),
    [
        ({"limits": True, "landlock": False}, ["held by limits", "not held by landlock"]),
        ({"limits": True, "no_capabilities": True}, ["held by limits, no capabilities"]),
        ({}, ["none is run, as no process can be started for them"]),
    ],
)
def test_what_holds_a_strangers_model_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sandbox: dict[str, bool], said: list[str]
) -> None:
    monkeypatch.setattr(installation, "_sandbox", lambda: sandbox)
    assert main(["doctor"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("models from strangers: ")]
    assert lines == [f"models from strangers: {one}" for one in said]


def test_each_model_is_held_to_its_card(tmp_path: Path) -> None:
    for name in ("changed", "whole", "without_card", "without_model"):
        shutil.copytree(MODELS / "mlp", tmp_path / name)
        card = tmp_path / name / "card.json"
        card.write_text(json.dumps(json.loads(card.read_text()) | {"name": name}))
    with (tmp_path / "changed/1/model.onnx").open("ab") as file:
        file.write(b"\0")
    (tmp_path / "without_card/card.json").unlink()
    (tmp_path / "without_model/1/model.onnx").unlink()

    report = installation.inspect(tmp_path)

    assert not report.ok
    assert report.models["whole"] is None
    assert report.models["changed"] == "its file's sha256 is not the one in its card"
    assert "card.json" in str(report.models["without_card"])
    assert "model.onnx" in str(report.models["without_model"])
    assert [line.split(":")[0] for line in report.missing["needed"]] == [
        "the model changed",
        "the model without_card",
        "the model without_model",
    ]
    assert not installation.inspect(tmp_path / "none").ok


def test_missing_packages_are_named_by_what_needs_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    versions = {"scipy": "1.0.0", "plotly": None, "playwright": None}
    version = installation.installed_version
    monkeypatch.setattr(
        installation, "installed_version", lambda name: versions[name] if name in versions else version(name)
    )
    monkeypatch.setitem(sys.modules, "onnx", None)  # importing it fails
    monkeypatch.setattr(installation, "CHROMIUM", ("no-such-browser",))
    monkeypatch.setattr(installation, "_memory", lambda: {"total": 4_000_000_000, "limit": 512_000_000})
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    needed, app, hosted, browser = (
        said.split(f"{title}:\n")[1].split("\n\n")[0]
        for title in (
            "Missing",
            "Missing for the dashboard",
            "In the way on Streamlit Community Cloud",
            "Missing for the browser tests",
        )
    )
    assert "scipy is 1.0.0, not >=1.17,<2" in needed
    assert "onnx can't be imported" in needed
    assert "plotly" not in needed
    assert "plotly is not installed" in app
    assert 'pip install "glassbox[app]"' in app
    assert "512 MB of memory are here" in hosted
    assert "pins scipy to 1.17.1, and 1.0.0 is what you try" in hosted
    assert "playwright" in browser
    assert "no-such-browser" in browser


def test_the_other_commands_run_where_one_lacks_a_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "glassbox.cli.predict", None)  # importing it fails
    assert main(["predict", "seven.png", "--json"]) == 1
    assert "predict can't run" in capsys.readouterr().err
    assert main(["doctor"]) == 0
