"""What strangers upload and open, seen on a running dashboard: a sentence on the page, and the server goes on."""

import asyncio
from time import monotonic
from urllib.request import urlopen

import pytest

from glassbox.paths import PACKAGE
from glassbox.ui.base import i18n
from glassbox.ui.frame import places
from glassbox.ui.frame.places import PLACES
from tests.hostile import model_files, pictures, tables
from tests.hostile.addresses import TOGETHER, forged, parameters
from tests.hostile.guest import Guest

EN = i18n.strings("en")
OTHERWISE = ("model_too_large", "model_too_slow", "model_crashed", "out_of_memory")
"""Codes that a model gets when it is run, or whose upload the server does not take."""
PICTURES = {code: name for name, (_, code) in pictures.MADE.items() if code}
"""A picture for each code."""
MODELS = {code: name for name, (_, code) in model_files.MADE.items() if code not in (None, *OTHERWISE)}
"""A model for each code with which one is refused unread."""
TABLES = {"60,000 columns, 62 kB": "wide", "many rows": "many", "quotes never closed": "quotes"}
PATIENCE = 300.0
"""Seconds before what is not said is given up, on however busy a machine."""
LINKS = 4
"""Forged links a page."""


def healthy(url: str) -> bool:
    with urlopen(f"{url}/_stcore/health", timeout=60) as answer:
        return bool(answer.status == 200)


async def is_said(guest: Guest, *keys: str) -> bool:
    """Whether the page comes to say in red one of the strings `keys`, with its placeholders filled in."""
    starts, end = tuple(EN[key].partition("{")[0] for key in keys), monotonic() + PATIENCE
    while not guest.refusals() and monotonic() < end:
        await guest.settle()
    return any(said.startswith(starts) for said in guest.refusals())


def test_pictures(url: str) -> None:
    async def upload() -> None:
        async with Guest(url, "", "lang=en") as guest:
            await guest.run()
            way = guest.find("button_group", "way")
            await guest.use("button_group", "way", string_array_value=[way.options[1]])
            for code, name in PICTURES.items():
                await guest.upload("x.png", pictures.MADE[name][0](), "pictures")
                assert not guest.exceptions() and healthy(url), name
                assert await is_said(guest, f"read.picture_error.{code}"), (name, code)

    asyncio.run(upload())


def test_models(url: str) -> None:
    async def upload() -> None:
        async with Guest(url, "own_model", "lang=en") as guest:
            await guest.run()
            await guest.settle()
            for code, name in MODELS.items():
                await guest.upload("x.onnx", model_files.MADE[name][0](), "own_model")
                assert not guest.exceptions() and healthy(url), name
                assert await is_said(guest, f"own_model.error.{code}"), (name, code)

    asyncio.run(upload())


def test_more_than_an_upload_may_have(url: str) -> None:
    async def upload() -> None:
        async with Guest(url, "own_model", "lang=en") as guest:
            await guest.run()
            with pytest.raises(OSError):  # 413, or a connection that is closed before all is sent
                await guest.upload("x.onnx", bytes(30 << 20), "own_model")
            await guest.run()
            assert guest.elements and not guest.exceptions() and healthy(url)

    asyncio.run(upload())


def test_tables(url: str) -> None:
    async def upload() -> None:
        async with Guest(url, "text", "lang=en&view=table") as guest:
            await guest.run()
            await guest.settle()
            for name, code in (
                ("60,000 columns, 62 kB", "wide"),
                ("many rows", "many"),
                ("quotes never closed", "quotes"),
            ):
                await guest.upload("x.csv", tables.FILES[name], "texts")
                assert not guest.exceptions() and healthy(url), name
                assert await is_said(guest, f"text.table_error.{code}"), (name, code)

    asyncio.run(upload())


def test_forged_links_have_the_parameters_that_the_pages_read() -> None:
    for page, read in (
        ("mlp", "neuron"),
        ("forward", "beat"),
        ("explainability", "mistakes"),
        ("playground", "layers"),
    ):
        assert read in parameters(page)
    several = {file.parent.name for file in (PACKAGE / "ui" / "pages").rglob("*.py") if "followed(" in file.read_text()}
    assert several == set(TOGETHER)


@pytest.mark.parametrize("page", PLACES)
def test_links(url: str, page: str) -> None:
    async def open_all() -> None:
        async with Guest(url, places.address(PLACES[page])) as guest:
            for query in forged(page, LINKS):
                guest.query = query
                await guest.run()
                assert not guest.exceptions(), query
            assert guest.elements and healthy(url)

    asyncio.run(open_all())
