"""What a visitor brought is gone from the server once the janitor has swept after the tab is closed or everything is
erased; test_janitor.py shows that this takes no longer than a minute. `python -m tests.ui.server.test_forgotten` lets
the janitor sweep at its own pace, and records in studies/forgotten.json how long that took.

A server is started as a child and visited over its WebSocket. The canaries are then looked for twice: whole files in
the bytes of the process's memory, also where it was freed; and short texts in everything that Python can reach.
"""

import asyncio
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from onnx import helper
from PIL import Image

from benchmarks.dashboard import free_port, wait_until_healthy
from glassbox.digits import strokes
from glassbox.paths import ROOT
from glassbox.trust.forgetting import STUDY, ForgettingStudy
from glassbox.ui.frame import places
from glassbox.ui.frame.places import PLACES
from glassbox.ui.server.prepared_files import streamlit_files
from glassbox.ui.server.static_files import kept_folder
from tests import memory
from tests.hostile.guest import Guest
from tests.models import graph

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/mem")

PATIENCE = 300.0
"""Seconds before a server that does not answer is given up, on however busy a machine."""
SHORT = ("typed", "link", "name", "cell")
WHOLE = ("pixels", "exif", "broken", "table", "long", "parked", "model")

FOUND = ("typed", "link", "cell", "number", "parked", "model")
"""What is still there at the end of a visit, before the tab is closed."""


class Canaries:
    """Texts and a number that nothing else in the world holds, and the files that they are planted in.

    A whole file has its mark in the midst of 16 kB or more, so that a page of memory or more around it is given back.
    """

    def __init__(self) -> None:
        chance = random.SystemRandom()
        alike, *words = ("".join(chance.sample("bcdfghjklmnpqrstvwxz", 12)) for _ in ("", *SHORT, *WHOLE))
        self.text = {name: alike + word for name, word in zip((*SHORT, *WHOLE), words, strict=True)}
        self.number = chance.uniform(0.3, 0.4)

    def drawing(self) -> dict[str, object]:
        return {"strokes": [[[self.number, 0.2 + i / 200] for i in range(120)]], "thickness": 18}

    def picture(self, pixels: str, exif: str) -> bytes:
        drawn = strokes.draw(next(one for one in strokes.SAMPLES if one.label == "7").strokes)
        paper = np.array(Image.fromarray(255 - drawn).resize((560, 560)))
        paper[280, :24] = list(self.text[pixels].encode())
        data = Image.Exif()
        data[0x010E] = " " * 16_000 + self.text[exif] + " " * 16_000
        file = io.BytesIO()
        Image.fromarray(paper).save(file, "PNG", exif=data, compress_level=0)
        return file.getvalue()

    def model(self) -> bytes:
        made = graph([helper.make_node("Relu", ["x"], ["y"])], {"x": [1]}, ["y"])
        made.doc_string = " " * 16_000 + self.text["model"] + " " * 16_000
        return bytes(made.SerializeToString())

    def table(self) -> bytes:
        rows = [f"row {i} {self.text['cell']}" for i in range(50)]
        return "\n".join(["text", *rows, "word " * 4000 + self.text["table"] + " word" * 4000]).encode()


@dataclass(frozen=True)
class Server:
    """A dashboard as a child process, the probe in it, and the folder in which they talk."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    def holds(self, canaries: Canaries) -> list[str]:
        """Return which canaries are held: whole files in the memory's bytes, short texts in objects."""
        marks = {canaries.text[name]: name for name in WHOLE}
        whole = [marks[one] for one in memory.found(self.process.pid, set(marks))]
        return sorted([*whole, *self._reached(canaries)])

    def _reached(self, canaries: Canaries) -> list[str]:
        texts = {name: canaries.text[name] for name in SHORT}  # those of WHOLE would be left where the probe read them
        (self.folder / "asked.json").write_text(json.dumps({"texts": texts, "number": canaries.number}))
        reached: list[str] = self._ask(signal.SIGUSR1)
        return reached

    def _ask(self, number: signal.Signals) -> Any:
        answer = self.folder / "answer.json"
        answer.unlink(missing_ok=True)
        self.process.send_signal(number)
        end = monotonic() + PATIENCE
        while not answer.exists() and monotonic() < end:
            sleep(0.02)
        return json.loads(answer.read_text())

    def forgets(self, canaries: Canaries, visitors: int) -> None:
        """Fail if it holds one of them after the janitor has swept for no more than `visitors`."""
        end, swept = monotonic() + PATIENCE, None
        while swept is None or self._ask(signal.SIGUSR2)[0] < swept + 2:  # of which one began after it was counted
            count, there = self._ask(signal.SIGUSR2)
            if swept is None and there <= visitors:
                swept = count
            assert monotonic() < end, f"{there} visitors, {count} sweeps"
            sleep(0.1)
        held = self.holds(canaries)
        assert not held, f"still there: {', '.join(held)}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("probe"), "--server.disconnectedSessionTTL", "2") as running:
        yield running


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Server]:
    """Run a dashboard with the probe, whose `folder` also has its home and its log."""
    port = free_port()
    _with_prepared_files(folder / "home")
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    path = os.pathsep.join([str(Path(__file__).parent / "forgotten_probe"), os.environ.get("PYTHONPATH", "")])
    url = f"http://localhost:{port}"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, "PROBE": str(folder), **_own(folder / "home")},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            wait_until_healthy(process, url)
            yield Server(url, process, folder)
        finally:
            process.terminate()


def _with_prepared_files(home: Path) -> None:
    """Make the folder `home`, with what this machine's other servers have made of Streamlit's files, if that is whole:
    it would be made anew in there, for a third of all that these tests take."""
    home.mkdir()
    files = streamlit_files()
    files.made = kept_folder(files.key)
    if files.is_whole:
        shutil.copytree(files.made, home / files.made.relative_to(gettempdir()))


def _own(home: Path) -> dict[str, str]:
    """Where a program keeps what it writes."""
    return {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home)}


async def plant(guest: Guest, canaries: Canaries) -> None:
    """Bring the server all canaries, and let all pages compute what they do from what is brought; that on a model makes
    a file of itself to take away."""
    text = canaries.text
    await guest.run()
    way = guest.find("button_group", "way")
    await guest.use("button_group", "way", string_array_value=[way.options[1]])
    await guest.upload("x.png", canaries.picture("pixels", "exif"), "pictures")
    await guest.upload(f"{text['name']}.png", canaries.picture("broken", "broken")[:200_000], "pictures")
    await guest.upload("parked.png", canaries.picture("parked", "parked"))
    await guest.use("button_group", "way", string_array_value=[way.options[0]])
    await guest.use("canvas", "", json_value=json.dumps({"drawing": canaries.drawing()}))
    for page in PLACES:
        guest.page, guest.query, guest._page_hash = places.address(PLACES[page]), "lang=en", ""
        await guest.run()
        assert guest.exceptions() == [], page
    await guest.go("own_model")
    await guest.upload("x.onnx", canaries.model(), "own_model")
    await guest.go("read")
    await guest.use("button", "take_make", trigger_value=True)
    assert guest.kind("download_button"), "a page to take away"
    await guest.go("text")
    await guest.type("word " * 5000 + text["long"] + " word" * 5000)
    await guest.type(f"a dull film {text['typed']} and a long one " * 4)
    for view in ("decided", "swap", "alike"):
        await guest.use("button_group", "text_view", string_array_value=[view_words(guest, view)])
    await guest.use(
        "button_group", "text_source", string_array_value=[guest.find("button_group", "text_source").options[1]]
    )
    await guest.upload("texts.csv", canaries.table(), "texts")
    await guest.use("button_group", "text_view", string_array_value=[view_words(guest, "table")])
    await guest.go("text", f"lang=en&view=decided&task=topic&text={quote('今天去看电影' + text['link'])}")
    assert guest.exceptions() == []


def view_words(guest: Guest, view: str) -> str:
    views = ("inside", "decided", "swap", "alike", "table", "record")
    return guest.find("button_group", "text_view").options[views.index(view)]


def test_the_tab_is_closed(server: Server) -> None:
    canaries = Canaries()

    async def visit() -> None:
        async with Guest(server.url, "", "lang=en") as guest:
            await plant(guest, canaries)
            assert {*FOUND} <= {*await asyncio.to_thread(server.holds, canaries)}

    asyncio.run(visit())
    server.forgets(canaries, 0)
    assert written(server.folder, canaries) == []


def written(folder: Path, canaries: Canaries) -> list[str]:
    """Return the canaries that lie on the disk: in the log, in the home or among the temporary files of the server."""
    asked = {"asked.json", "answer.json", "new.json"}  # through which the probe is asked
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in asked]
    data = b"".join(file.read_bytes() for file in files)
    assert (folder / "log") in files
    return [name for name, text in canaries.text.items() if text.encode() in data]


def test_everything_is_erased(server: Server) -> None:
    canaries = Canaries()

    async def visit() -> None:
        async with Guest(server.url, "", "lang=en") as guest:
            await plant(guest, canaries)
            await guest.go("privacy")
            assert {*FOUND} <= {*await asyncio.to_thread(server.holds, canaries)}
            await guest.use("button", "privacy_erase", trigger_value=True)
            await asyncio.to_thread(server.forgets, canaries, 1)

    asyncio.run(visit())


SOONEST = {"closed": 45.0, "erased": 20.0}
"""Seconds before the first search: a session whose tab is closed is kept for half a minute."""


async def record(folder: Path) -> ForgettingStudy:
    """Return from when on nothing is left in a dashboard with its own settings, for both ways of leaving."""
    begun = [await _begun(folder / way, way) for way in SOONEST]
    brought = len(Canaries().text) + 1  # and the number
    return ForgettingStudy(date.today().isoformat(), tuple(PLACES), brought, *begun)


async def _begun(folder: Path, way: str) -> float:
    """Return how many seconds after a visit that search began which found nothing. Raises TimeoutError if none does."""
    canaries = Canaries()
    folder.mkdir()
    with served(folder) as server:
        async with Guest(server.url, "", "lang=en") as guest:
            await plant(guest, canaries)
            if way == "erased":
                await guest.go("privacy")
                await guest.use("button", "privacy_erase", trigger_value=True)
                return await _nothing_left(server, canaries, way)
        return await _nothing_left(server, canaries, way)


async def _nothing_left(server: Server, canaries: Canaries, way: str) -> float:
    start = monotonic()
    await asyncio.sleep(SOONEST[way])
    while (begun := monotonic()) < start + PATIENCE:
        held = await asyncio.to_thread(server.holds, canaries)
        print(f"{way}, search after {begun - start:.0f} s: {', '.join(held) or 'nothing'}", flush=True)
        if not held:
            assert written(server.folder, canaries) == []
            return round(begun - start, 1)
    raise TimeoutError(way)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        found = asyncio.run(record(Path(temporary)))
    STUDY.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
