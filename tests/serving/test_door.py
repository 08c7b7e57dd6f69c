"""Keys, rates, metrics and logs: who may ask, how often, and what is told of it."""

import asyncio
import json
import logging
import os
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from glassbox.__main__ import main
from glassbox.serving import keys, rates
from glassbox.serving.settings import Settings, variable
from tests.full_disk import full_disk
from tests.serving.client import app, ask, infer, tensor
from tests.serving.test_protocol import digit

pytestmark = pytest.mark.filterwarnings("ignore:This AsyncLimiter")  # each `ask` has a loop of its own


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_key_is_made_and_only_its_hash_kept(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--new-key", "--keys", str(file)]) == 0
    key = capsys.readouterr().out.strip()
    assert len(key) > 40 and key not in file.read_text() and re.fullmatch(r"[0-9a-f]{64}\n", file.read_text())
    assert os.name == "nt" or file.stat().st_mode & 0o077 == 0
    second = keys.add(file)
    assert len(keys.load(file)) == 2 and all(keys.holder(one, keys.load(file)) for one in (key, second))
    assert keys.holder(key[:-1], keys.load(file)) is None and keys.holder("", keys.load(file)) is None
    assert main(["serve", "--new-key"]) == 2


def test_a_key_that_finds_no_room_leaves_the_others_in_force(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"# by hand\n{'0' * 64} the school's")
    key = keys.add(file)
    before = file.read_bytes()
    with full_disk(room=len(before) + 20):
        assert main(["serve", "--new-key", "--keys", str(file)]) == 1
    said = capsys.readouterr()
    assert not said.out and said.err.startswith(f"{file}: ")
    assert file.read_bytes() == before and keys.holder(key, keys.load(file)) and len(keys.load(file)) == 2


def test_only_who_has_a_key_may_ask(file: Path) -> None:
    key, served = keys.add(file), app(keys=str(file))
    assert ask(served, "GET", "/v2/models").status == 401
    assert ask(served, "GET", "/v2/models").headers["www-authenticate"] == "Bearer"
    for header in ("authorization", "x_api_key"):
        value = f"Bearer {key}" if header == "authorization" else key
        assert ask(served, "GET", "/v2/models", **{header: value}).status == 200
        assert ask(served, "GET", "/v2/models", **{header: f"{value}x"}).status == 401
    assert ask(served, "POST", "/v2/models/cnn/infer", b"{}", authorization=f"Basic {key}").status == 401
    assert ask(served, "GET", "/v2/health/ready").status == 200


@pytest.mark.parametrize("text", ["", "# nothing\n", "a key in plain words\n", "0" * 63])
def test_a_file_without_keys_lets_nobody_in(file: Path, text: str) -> None:
    with pytest.raises(ValueError, match="keys"):
        app(keys=str(file))
    file.write_text(text)
    with pytest.raises(ValueError, match="new-key"):
        app(keys=str(file))


def test_each_client_asks_so_often_and_no_more(file: Path) -> None:
    served = app(rate=2)
    assert [ask(served, "GET", "/v2/models").status for _ in range(4)] == [200, 200, 429, 429]
    refused = ask(served, "GET", "/v2/models")
    assert refused.headers["retry-after"] == "30" and refused.json["error"]
    assert ask(served, "GET", "/v2/health/live").status == 200
    first, second = keys.add(file), keys.add(file)
    served = app(rate=1, keys=str(file))
    statuses = [ask(served, "GET", "/v2/models", x_api_key=key).status for key in (first, first, second)]
    assert statuses == [200, 429, 200]


def test_addresses_of_one_network_are_one_client() -> None:
    assert rates.client("2001:db8:1:2::3") == rates.client("2001:db8:1:2:ffff::") != rates.client("2001:db8:1:3::3")
    assert rates.client("10.0.0.1") != rates.client("10.0.0.2") and rates.client("") == ""


def test_clients_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_CLIENTS", 3)

    async def run() -> int:
        taken = rates.Rates(1)
        for number in range(10):
            await taken.take(str(number))
        return len(taken._buckets)

    assert asyncio.run(run()) == 3


def test_metrics_are_closed_unless_asked_for() -> None:
    assert ask(app(), "GET", "/metrics").status == 404


def test_metrics_tell_requests_and_batches() -> None:
    served = app(metrics=True, window=2.5, batch=16)
    infer(served, "cnn", {"inputs": [tensor("picture", digit())]})
    ask(served, "GET", "/v2/models/a-secret")
    text = ask(served, "GET", "/metrics").body.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counted = {(one.labels["route"], one.labels["status"]): one.value for one in families["glassbox_requests"].samples}
    assert counted["/v2/models/{name}/infer", "200"] == 1 and counted["/v2/models/{name}", "404"] == 1
    rows = {one.name: one.value for one in families["glassbox_batch_rows"].samples if one.labels.get("model") == "cnn"}
    assert rows["glassbox_batch_rows_count"] == rows["glassbox_batch_rows_sum"] == 1
    assert families["glassbox_batch_window_seconds"].samples[0].value == 0.0025
    assert families["glassbox_batch_rows_limit"].samples[0].value == 16
    assert "a-secret" not in text


def test_a_line_for_each_request_without_its_contents(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = b'{"inputs": "a secret"}'
    assert ask(app(log=True), "POST", "/v2/models/cnn/infer?secret", body, x_secret="secret").status == 400
    line = json.loads(caplog.records[-1].getMessage())
    assert line["route"] == "/v2/models/{name}/infer" and line["status"] == 400 and line["bytes"] == len(body)
    assert "secret" not in caplog.text
    caplog.clear()
    ask(app(), "GET", "/v2")
    assert "route" not in caplog.text


def test_settings_come_from_the_environment() -> None:
    given = {variable("batch"): "32", variable("window"): "1.5", variable("on"): "0", variable("metrics"): "1"}
    settings = Settings.from_environment(given | {variable("origins"): "https://a.example https://b.example"})
    assert (settings.batch, settings.window, settings.on, settings.metrics) == (32, 1.5, False, True)
    assert settings.origins == ("https://a.example", "https://b.example")
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("batch", "0"), ("batch", "many"), ("body", "1e99"), ("seconds", "-1"), ("keys", "/nowhere")]
)
def test_a_setting_that_is_none_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"GLASSBOX_SERVICE|/nowhere"):
        Settings.from_environment({variable(name): value})
