"""A picture's file, a text, a poem: what is asked without tensors gets what the command and the library give."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from starlette.applications import Starlette

from glassbox.__main__ import main
from glassbox.serving import service as serving
from glassbox.serving.writing import GenerateParameters, GenerateRequest, Writers
from glassbox.text.poet import Poet, Request
from glassbox.text.quatrains import Asked
from glassbox.text.reader import TextReader
from glassbox.text.sampling import Sampling
from glassbox.text.transformer import CachedTransformer
from glassbox.zoo import text_models, transformer_models
from tests.serving.client import app, ask

POEM = {"text_input": "", "parameters": {"max_tokens": 40, "seed": 7, "form": "wujue", "top_k": 20}}


@pytest.fixture(scope="module")
def service() -> Starlette:
    return app()


def picture(*digits: str) -> bytes:
    image = Image.new("L", (120 * len(digits), 120), 255)
    for place, digit in enumerate(digits):
        ImageDraw.Draw(image).text((120 * place + 35, 10), digit, 0, font_size=90, stroke_width=2)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("digits", [("7",), ("3", "5")])
def test_a_picture_is_answered_as_the_command_does(
    service: Starlette, digits: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "picture.png").write_bytes(picture(*digits))
    answer = ask(service, "POST", "/v1/predict?models=mlp,cnn", picture(*digits))
    assert main(["predict", str(tmp_path / "picture.png"), "--json", "--models", "mlp,cnn"]) == 0
    command = json.loads(capsys.readouterr().out)
    assert command.pop("path") and answer.status == 200 and answer.json == command
    assert ("digits" in answer.json) == (len(digits) > 1)
    assert list(ask(service, "POST", "/v1/predict", picture(*digits)).json["predictions"]) == ["mlp", "cnn", "rnn"]


def test_a_picture_that_is_ready_is_taken_as_it_is(
    service: Starlette, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ready, file = Image.new("L", (28, 28)), tmp_path / "ready.png"
    ImageDraw.Draw(ready).text((9, 2), "7", 255, font_size=22)
    ready.save(file)
    assert main(["predict", str(file), "--json", "--models", "cnn", "--as-is"]) == 0
    command = json.loads(capsys.readouterr().out)["predictions"]
    found = {
        is_it: ask(service, "POST", f"/v1/predict?models=cnn{is_it}", file.read_bytes()).json["predictions"]
        for is_it in ("", "&as_is=false", "&as_is=true")
    }
    assert found["&as_is=true"] == command != found["&as_is=false"] == found[""]
    assert ask(service, "POST", "/v1/predict?as_is=perhaps", file.read_bytes()).status == 400


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [(b"", "", 422), (b"no picture", "", 422), (picture("7")[:99], "", 422), (picture("7"), "?models=cnn,none", 400)],
)
def test_what_is_no_picture(service: Starlette, body: bytes, query: str, status: int) -> None:
    answer = ask(service, "POST", f"/v1/predict{query}", body)
    assert answer.status == status and list(answer.json) == ["error"]


@pytest.mark.parametrize(("text", "family"), [("附近有什么好吃的", "text_zh"), ("what a wonderful film", "text_en")])
def test_a_text_is_classified(service: Starlette, text: str, family: str) -> None:
    answer = ask(service, "POST", "/v1/classify", text.encode()).json
    assert answer["model"].startswith(family)
    (verdict,) = TextReader(text_models.load()).verdicts(answer["model"], [text])
    assert answer["label"] == verdict.label and answer["confidence"] == verdict.confidence
    assert max(answer["probabilities"], key=answer["probabilities"].get) == verdict.label
    assert answer["familiar"] == verdict.familiarity.familiar
    named = ask(service, "POST", f"/v1/classify?model={family}_rnn", text.encode()).json
    assert named["model"] == f"{family}_rnn"


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [(b"", "", 422), (b"\xff", "", 422), (b"\x07", "", 422), (b"a" * 100_000, "", 422), (b"a", "?model=cnn", 400)],
)
def test_what_is_no_text(service: Starlette, body: bytes, query: str, status: int) -> None:
    answer = ask(service, "POST", f"/v1/classify{query}", body)
    assert answer.status == status and list(answer.json) == ["error"]


def generate(service: Starlette, model: str, request: Any, *, stream: bool = False) -> Any:
    path = f"/v2/models/{model}/versions/1/generate{'_stream' * stream}"
    answer = ask(service, "POST", path, json.dumps(request).encode())
    if not stream:
        return answer
    assert answer.headers["content-type"] == "text/event-stream" and answer.body.endswith(b"\n\n")
    return [json.loads(event.removeprefix("data: ")) for event in answer.body.decode().split("\n\n")[:-1]]


def test_a_poem_is_what_the_library_writes(service: Starlette) -> None:
    answer = generate(service, "poet_zh", POEM).json
    zoo = transformer_models.load()
    card = zoo.cards["poet_zh"]
    poet = Poet(CachedTransformer(zoo.model_bytes("poet_zh"), card.context), card)
    written = poet.write(Request(Asked(form="wujue")), Sampling(top_k=20, top_p=1.0, seed=7))
    assert answer["text_output"] + "\n" == "".join(one.character for one in written)
    assert answer["model_name"] == "poet_zh" and answer["text_output"].count("\n") == 3 and "details" not in answer


def test_a_stream_tells_the_same_piece_by_piece(service: Starlette) -> None:
    request = POEM | {"parameters": POEM["parameters"] | {"details": True}}
    whole, pieces = generate(service, "poet_zh", request).json, generate(service, "poet_zh", request, stream=True)
    assert "".join(piece["text_output"] for piece in pieces) == whole["text_output"]
    assert [piece["token"] for piece in pieces] == whole["details"]["logprobs"]
    assert pieces[-1]["details"]["finish_reason"] == whole["details"]["finish_reason"] == "eos_token"
    assert all("details" not in piece for piece in pieces[:-1])
    assert all(token["logprob"] <= 0 for token in whole["details"]["logprobs"])


def test_lines_that_are_given(service: Starlette) -> None:
    written = generate(service, "poet_zh", POEM | {"text_input": "春\n夏\n秋\n冬"}).json["text_output"]
    assert [line[0] for line in written.split("\n")] == ["春", "夏", "秋", "冬"]


@pytest.mark.parametrize("model", ["char_zh", "char_en"])
def test_writers_of_sentences(service: Starlette, model: str) -> None:
    request = {"text_input": "i" if model == "char_en" else "我", "parameters": {"temperature": 0, "details": True}}
    first, second = generate(service, model, request).json, generate(service, model, request).json
    assert first == second and first["text_output"]
    assert first["details"]["finish_reason"] in ("eos_token", "length")
    stop = first["text_output"][2]
    stopped = generate(service, model, request | {"parameters": {"temperature": 0, "stop": [stop], "details": True}})
    assert stopped.json["text_output"] == first["text_output"][: first["text_output"].index(stop) + 1]
    assert stopped.json["details"]["finish_reason"] == "stop_sequence"


def test_no_more_tokens_than_asked_for() -> None:
    writers = Writers(None)
    for count in (1, 5):
        asked = GenerateRequest("a", GenerateParameters(max_tokens=count, seed=1))
        tokens = list(writers.write("char_en", asked))
        assert len(tokens) <= count and tokens[-1][1] in ("length", "eos_token")


@pytest.mark.parametrize(
    ("model", "request_", "status"),
    [
        ("poet_zh", {}, 422),
        ("poet_zh", {"text_input": 1}, 422),
        ("poet_zh", {"text_input": "", "parameters": {"temperature": 3}}, 422),
        ("poet_zh", {"text_input": "", "parameters": {"max_tokens": 0}}, 422),
        ("poet_zh", {"text_input": "", "parameters": {"theme": "一"}}, 422),
        ("poet_zh", {"text_input": "床前明月光疑是"}, 200),
        ("poet_zh", {"text_input": "\U0001f600"}, 422),
        ("poet_zh", {"text_input": "一\n二\n三\n四\n五"}, 422),
        ("char_zh", {"text_input": "\x07"}, 422),
        ("cnn", {"text_input": ""}, 400),
        ("addition", {"text_input": ""}, 400),
        ("none", {"text_input": ""}, 404),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_nobody_can_write(service: Starlette, model: str, request_: Any, status: int, stream: bool) -> None:
    path = f"/v2/models/{model}/generate{'_stream' * stream}"
    answer = ask(service, "POST", path, json.dumps(request_).encode())
    assert answer.status == status
    if status != 200:
        assert list(answer.json) == ["error"]


def test_only_so_many_streams(service: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_STREAMS", 0)
    assert ask(service, "POST", "/v2/models/poet_zh/generate_stream", json.dumps(POEM).encode()).status == 503


def test_a_stream_ends_with_whoever_listens(service: Starlette) -> None:
    body = json.dumps(POEM).encode()
    heard = ask(service, "POST", "/v2/models/poet_zh/generate_stream", [body, None])
    assert heard.body.count(b"data:") < 24
    assert len(generate(service, "poet_zh", POEM, stream=True)) == 24
