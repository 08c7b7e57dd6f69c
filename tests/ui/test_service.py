"""The page on models as a service: the bytes that it shows are those that the service takes, and its programs run."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import uvicorn
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from glassbox.digits.reader import Reader
from glassbox.engine import choice, session
from glassbox.engine.inference_protocol import BINARY, ServerMetadata
from glassbox.engine.remote_server import Server
from glassbox.engine.session import ProviderState
from glassbox.paths import MODELS
from glassbox.serving import drill, keys
from glassbox.serving.throughput import Load
from glassbox.ui.base import formats, i18n
from glassbox.ui.components.exchange.words import FIELDS
from glassbox.ui.frame import essay, measured_costs
from glassbox.ui.pages.service import cost, engine, load, programs
from glassbox.ui.pages.service.parts import KEYS, PARTS
from glassbox.zoo import digit_models
from tests.serving.client import Answer, app, arrays, ask
from tests.serving.reference_server import running
from tests.ui.dashboard import component, visit

STRINGS = {language: i18n.strings(language) for language in i18n.LANGUAGES}
SECTIONS = ["travels", "program", "load", "cost", "seen", "scale", "start"]
OPEN = {PARTS.unfolded.at(part=part).key: True for part in KEYS}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    load.results.clear()
    yield
    load.results.clear()


def digit(shown: dict[str, Any]) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(shown["picture"]), np.uint8).reshape(28, 28)


def answered(shown: dict[str, Any]) -> Answer:
    """What the service answers to the request that the page shows."""
    headers = {name.lower().replace("-", "_"): value for name, value in shown["headers"]}
    return ask(app(), "POST", f"/{shown['path']}", base64.b64decode(shown["body"]), **headers)


def paths(value: object, path: str = "") -> Iterator[str]:
    """Each member of a JSON document, as the browser calls it."""
    if isinstance(value, dict):
        for name, member in value.items():
            inner = f"{path}.{name}" if path else name
            yield inner
            yield from paths(member, inner)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{path}[]")


@pytest.mark.parametrize("form", ["json", "binary"])
@pytest.mark.parametrize("model", digit_models.names())
def test_the_bytes_shown_are_those_that_the_service_answers(model: str, form: str) -> None:
    page = visit("service", model=model, form=form)
    shown = component(page, "exchange")
    assert shown["path"] == f"v2/models/{model}/infer"
    assert dict(shown["headers"])["Content-Length"] == str(len(base64.b64decode(shown["body"])))
    answer = answered(shown)
    assert answer.status == 200
    (numbers,) = arrays(answer).values()
    expected = np.frombuffer(base64.b64decode(shown["expected"]), "<f4")
    assert np.array_equal(numbers[0], expected)
    verdict = Reader(digit_models.load()).read(digit(shown), [model])[model]
    assert shown["label"] == verdict.label == shown["labels"][int(expected.argmax())]


@pytest.mark.parametrize("form", ["json", "binary"])
def test_each_part_of_request_and_answer_is_explained(form: str) -> None:
    shown = component(visit("service", form=form), "exchange")
    request, answer = base64.b64decode(shown["body"])[: shown["json_length"]], answered(shown)
    assert (shown["json_length"] is None) == (form == "json")
    members = {*paths(json.loads(request)), *paths(answer.json)}
    assert {"inputs", "inputs[].name", "inputs[].shape", "model_name", "outputs[].datatype"} <= members
    heads = {f"head.{name.lower()}" for name, _ in shown["headers"]}
    assert {*members, *heads} <= FIELDS.keys()
    for called, told in shown["fields"].values():
        assert called and told


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_page_has_its_sections_with_all_their_values(language: str) -> None:
    assert list(essay.sections("service_essay", language)) == SECTIONS
    page = visit("service", language, state=OPEN)
    sections = essay.sections("service_essay", language)
    assert [header.proto.anchor for header in page.header] == [key for key in SECTIONS if key not in KEYS]
    assert [part.label for part in page.expander][: len(KEYS)] == [sections[key].title for key in KEYS]
    assert not page.error and not page.warning
    text = "".join(part.value for part in page.markdown)
    assert "{" not in text.replace("{file}", "") and "$" not in text


def test_what_a_forged_link_asks_for_is_passed_over() -> None:
    page = visit("service", model="../secret", form="<b>", program="rm", clients="1000000")
    assert component(page, "exchange")["path"] == f"v2/models/{digit_models.names()[0]}/infer"
    assert page.code[0].value.startswith("echo ") and len(page.code[0].value) < 3_000


# --- Programs --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a service that runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app(), host="127.0.0.1", port=port, log_level="error", loop="asyncio"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


COMMANDS = {
    "curl": ("bash", "curl"),
    "picture": ("bash", "curl"),
    "python": (sys.executable,),
    "javascript": ("node",),
    "tritonclient": (sys.executable,),
}


@pytest.mark.parametrize("form", ["json", "binary"])
@pytest.mark.parametrize("model", ["cnn", "rnn", "mlp"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_program_runs_as_it_stands(name: str, model: str, form: str, address: str, tmp_path: Path) -> None:
    if missing := [tool for tool in COMMANDS[name] if not shutil.which(tool)]:
        pytest.skip(f"{missing[0]} is not installed")
    if name == "tritonclient":
        pytest.importorskip("tritonclient.http")
    page = visit("service", model=model, program=name, form=form)
    shown, file = component(page, "exchange"), tmp_path / "program"
    here, there = (one.removeprefix("http://") for one in (programs.LOCAL, address))
    file.write_text(page.code[0].value.replace(here, there), encoding="utf-8")
    if name == "javascript":
        file = file.rename(tmp_path / "program.mjs")
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    ran = subprocess.run(
        [COMMANDS[name][0], file], capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    expected = np.frombuffer(base64.b64decode(shown["expected"]), "<f4")
    if name == "curl":
        told = ran.stdout.split() if form == "binary" else json.loads(ran.stdout)["outputs"][0]["data"]
        np.testing.assert_allclose(np.array(told, np.float32), expected, rtol=1e-6 if form == "binary" else 0)
    elif name == "picture":
        verdict = Reader(digit_models.load()).read(digit(shown), [model])[model]  # as it stands on the network's card
        read = json.loads(ran.stdout)["predictions"][model]
        assert read["label"] == shown["label"] == verdict.label
        assert read["probabilities"] == verdict.probabilities.tolist()
    else:
        assert ran.stdout.strip() == f"This is a {shown['label']}"


def test_programs_are_in_the_visitors_language() -> None:
    source = visit("service", "zh", program="python").code[0].value
    assert STRINGS["zh"]["service.code_digit"] in source and STRINGS["zh"]["service.code_says"] in source


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8501/service", "http://localhost:8501"),
        ("https://glassbox.school.example/service?d=1", "https://glassbox.school.example"),
        ("https://school.example/glassbox/service/", "https://school.example/glassbox"),
        ("http://[::1]:8501/service", "http://[::1]:8501"),
        ("", programs.LOCAL),
        ("http://a.example/$(reboot)/service", programs.LOCAL),
        ("http://a.example/'; reboot #/service", programs.LOCAL),
        ("javascript:alert(1)/service", programs.LOCAL),
    ],
)
def test_the_address_is_this_servers_and_nothing_that_a_shell_would_run(url: str, expected: str) -> None:
    assert programs.server_address(url) == expected


# --- Load and cost ---------------------------------------------------------------------------------------------------


def tables(page: AppTest) -> list[str]:
    return [part.value for part in page.html if "<table" in part.value]


def test_the_load_test_runs_when_asked_and_its_result_is_there_for_the_next_visitor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(load, "SECONDS", 0.1)
    page = visit("service", model="cnn", clients="8")
    assert not tables(page)
    page.button(key="service_load_start").click().run()
    figures, batches = tables(page)
    words = STRINGS["en"]
    assert words["service.way_alone"] in figures and words["service.way_batched"] in figures
    assert "5 – 8" in batches
    assert tables(visit("service", model="cnn", clients="8"))
    assert not tables(visit("service", model="cnn", clients="1"))


@pytest.mark.parametrize(("power", "sizes"), [(0, "1"), (1, "2"), (2, "3 – 4"), (3, "5 – 8"), (6, "33 – 64")])
def test_sizes_of_batches_go_together_up_to_a_power_of_two(power: int, sizes: str) -> None:
    assert load._sizes(power) == sizes
    first, last = int(sizes.split(" – ")[0]), int(sizes.split(" – ")[-1])
    assert {(size - 1).bit_length() for size in range(first, last + 1)} == {power}


@pytest.mark.parametrize(
    ("rounds", "said"),
    [((200.0, 150.0), "more"), ((90.0, 80.0), "fewer"), ((90.0, 120.0), "even")],
)
def test_batching_is_said_to_pay_or_to_lose_only_where_all_rounds_agree(rounds: tuple[float, ...], said: str) -> None:
    latencies = np.full(10, 0.001)
    alone, batched = (Load(8, 1.0, latencies, {1: 10}, 1.0, rates) for rates in ((100.0, 100.0), rounds))
    start = STRINGS["en"][f"service.load_{said}"].partition("{")[0]
    assert load.verdict(alone, batched).startswith(start)


def near(page: AppTest) -> AppTest:
    page.session_state["service_cost_near"] = {"near": True}
    return page.run()


def test_only_what_was_measured_has_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SECONDS", 0.1)
    words = STRINGS["en"]
    page = near(visit("service", part="cost", model="cnn"))
    (prices,) = tables(page)
    assert words["service.cost_embedded"] in prices and words["service.cost_gpu"] not in prices
    captions = [caption.value for caption in page.caption]
    assert words["service.cost_missing_served"] in captions and words["service.cost_missing_gpu"] in captions
    page.button(key="service_load_start").click().run()
    prices = tables(page)[-1]
    assert words["service.cost_served_alone"] in prices and words["service.cost_served_batched"] in prices


def test_the_energy_is_that_of_the_page_on_sustainability() -> None:
    page = near(visit("service", part="cost", model="cnn"))
    reader = Reader(digit_models.load())
    joules = measured_costs.measured(reader, np.zeros((28, 28), np.uint8)).versions["cnn_fp32"].cost.joules.value
    assert any(formats.energy(1000 * joules) in text.value for text in page.markdown)


def test_a_price_that_is_entered_counts_and_an_empty_field_is_the_first_value() -> None:
    page = near(visit("service", part="cost", model="cnn"))
    (before,) = tables(page)
    page.number_input(key="service_cost_price").set_value(0.2).run()
    (after,) = tables(page)
    assert before != after
    page.number_input(key="service_cost_price").set_value(None).run()
    assert tables(page) == [before]


def test_prices_are_in_the_currency_that_is_chosen() -> None:
    page = near(visit("service", part="cost", model="cnn"))
    assert "$" in tables(page)[0] and "($)" in page.number_input(key="service_cost_price").label.replace("\\", "")
    page.selectbox[0].set_value("€").run()
    assert "€" in tables(page)[0] and "$" not in tables(page)[0]
    assert "(€)" in page.number_input(key="service_cost_price").label
    assert "¥" in tables(near(visit("service", "zh", part="cost", model="cnn")))[0]


def test_a_gpu_is_measured_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "provider_state", lambda name: ProviderState(name, available=True))
    monkeypatch.setattr(cost, "_gpu_rate", lambda *_: 1e6)
    page = near(visit("service", part="cost", model="cnn"))
    assert STRINGS["en"]["service.cost_gpu"] in tables(page)[0]


@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_a_network_without_compressed_versions_says_that_it_is_not_measured(model: str) -> None:
    captions = [caption.value for caption in near(visit("service", part="cost", model=model)).caption]
    assert any("compressed versions" in caption for caption in captions)


# --- The service and the engine behind it ----------------------------------------------------------------------------


def test_a_service_that_is_off_or_asks_for_a_key_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def said() -> list[str]:
        return [one.value for one in visit("service").info]

    assert said() == []
    monkeypatch.setenv("GLASSBOX_SERVICE", "0")
    assert said() == [STRINGS["en"]["service.off"]]
    monkeypatch.delenv("GLASSBOX_SERVICE")
    keys.add(tmp_path / "keys")
    monkeypatch.setenv("GLASSBOX_SERVICE_KEYS", str(tmp_path / "keys"))
    assert said() == [STRINGS["en"]["service.key"]]


def test_the_health_of_an_engine_behind_the_page_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert STRINGS["en"]["service.engine_embedded"] in [one.value for one in visit("service", part="scale").caption]
    with running(MODELS) as server:
        monkeypatch.setenv(choice.ENGINE, server.address)
        _forget()
        page = visit("service", part="scale", model="cnn")
        page.session_state["service_engine_near"] = {"near": True}
        page.run()
        table = tables(page)[-1]
        assert STRINGS["en"]["service.engine_ready"] in table and server.address in table
        captions = [one.value for one in page.caption]
        assert any(STRINGS["en"]["service.engine_breaker_closed"] in caption for caption in captions)
    engine._health.clear()
    configured = choice.configured().server
    assert configured is not None
    monkeypatch.setattr(type(configured), "infer", lambda *_: {"probabilities": np.full((1, 10), 0.1, np.float32)})
    page.run()
    assert STRINGS["en"]["service.engine_down"] in tables(page)[-1]
    monkeypatch.undo()
    _forget()


def test_a_replica_is_ended_where_the_engine_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(engine, "SECONDS", 0.2)
    monkeypatch.setattr(drill, "end_one", lambda settings: ended.append(settings.address))
    monkeypatch.setenv(choice.KEY, "secret")
    with running(MODELS) as server:
        monkeypatch.setenv(choice.ENGINE, server.address)
        _forget()
        page = visit("service", part="scale", model="cnn")
        page.session_state["service_engine_near"] = {"near": True}
        assert not [one for one in page.run().button if one.key == "service_drill"]
        said = ServerMetadata("glassbox", "1", (BINARY, drill.EXTENSION))
        monkeypatch.setattr(Server, "metadata", property(lambda _: said))
        page.run().button(key="service_drill").click().run()
        assert ended == [server.address] and STRINGS["en"]["service.drill_lost"] in tables(page)[-1]
        monkeypatch.undo()
        _forget()
        monkeypatch.setattr(engine, "SECONDS", 0.2)
        monkeypatch.setenv(choice.ENGINE, server.address)
        monkeypatch.setenv(choice.KEY, "secret")
        monkeypatch.setattr(Server, "metadata", property(lambda _: said))
        page = visit("service", part="scale", model="cnn")
        page.session_state["service_engine_near"] = {"near": True}
        page.run().button(key="service_drill").click().run()
        assert ["ends no replica" in one.value for one in page.warning] == [True]
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for forget in (choice.configured.cache_clear, st.cache_resource.clear, st.cache_data.clear):
        forget()
