"""A replica is ended by whoever has a key, where a setting allows it and another one is started; else by nobody."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette

from glassbox.engine.engine_error import EngineError
from glassbox.engine.remote_server import Settings as EngineSettings
from glassbox.paths import MODELS
from glassbox.serving import drill, keys
from glassbox.serving.drill import Callers
from glassbox.serving.endpoint import Request
from glassbox.serving.service import Service
from glassbox.serving.settings import Settings
from tests.serving.client import ask
from tests.serving.reference_server import running

PATH = f"/{drill.ADDRESS}"


def replica(tmp_path: Path, *, replica: bool = True, **settings: Any) -> tuple[Starlette, str]:
    key = keys.add(tmp_path / "keys")
    settings = {"rate": 0, "drill": True, "keys": str(tmp_path / "keys")} | settings
    return Starlette(routes=Service(Settings(**settings), replica=replica).routes()), f"Bearer {key}"


def test_it_ends_with_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *what: ended.append(what))
    monkeypatch.setattr(drill, "_ANSWERED", 0.01)
    app, key = replica(tmp_path)
    assert ask(app, "POST", PATH).status == 401 and ended == []
    assert drill.EXTENSION in ask(app, "GET", "/v2", authorization=key).json["extensions"]
    assert ask(app, "POST", PATH, authorization=key).status == 200 and ended == []

    async def end() -> None:
        await drill.end_replica(Request({}, {}, b""))
        await asyncio.sleep(0.1)

    asyncio.run(end())
    assert ended == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.parametrize("settings", [{"replica": False}, {"drill": False}, {"keys": ""}])
def test_else_there_is_no_such_address(tmp_path: Path, settings: dict[str, Any]) -> None:
    app, key = replica(tmp_path, **settings)
    assert ask(app, "POST", PATH, authorization=key).status == 404
    assert drill.EXTENSION not in ask(app, "GET", "/v2", authorization=key).json["extensions"]


def test_callers_ask_before_and_after() -> None:
    with running(MODELS) as server:
        settings = EngineSettings(server.address)
        callers = Callers(settings, "cnn", ("picture", "probabilities"), (1, 1, 28, 28))
        ended: list[int] = []
        parts = drill.run(callers, lambda: ended.append(1), 0.3)
        assert len(parts) == 3 and ended == [1]
        assert all(part.seconds and not part.lost and part.percentile(99) >= part.percentile(50) for part in parts)
        with pytest.raises(EngineError, match="ends no replica"):
            drill.end_one(settings)
    assert np.isnan(drill.Part([], 1).percentile(99))
