"""Whatever a browser claims that widgets and components hold, the page is drawn, and the session goes on working.

`python -m tests.hostile.test_forged_messages [SHARE]` sends that share of all forgeries, each by itself, and prints
what failed.
"""

import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from glassbox.digits import images, links
from glassbox.paths import ROOT
from glassbox.ui.frame import places
from glassbox.ui.frame.places import PLACES
from tests.browser.server import serve
from tests.digits import pages
from tests.hostile.attacker import Attacker, forgeries, trigger
from tests.hostile.conftest import COMMAND

ROUNDS = 8
"""Messages a page, each with a forged value of every widget on it."""
SLOW = 5.0
"""Seconds of one run that are told."""


@pytest.mark.parametrize("page", PLACES)
def test_no_forged_value_breaks_a_page(url: str, page: str) -> None:
    asyncio.run(_attack(url, page))


async def _attack(url: str, page: str) -> None:
    async with Attacker(url, places.address(PLACES[page]), "lang=en") as visitor:
        await visitor.open()
        assert not visitor.exceptions(), "all unfolded"
        for turn in range(ROUNDS):
            states = [_turned(forgeries(widget), turn) for widget in visitor.widgets.values()]
            await visitor.forge(states)
            assert not visitor.exceptions(), (page, turn)
        await visitor.run()
        assert not visitor.exceptions() and visitor.kind("copy_link"), page


def _turned(states: list[WidgetState], turn: int) -> WidgetState:
    return states[turn * len(states) // ROUNDS]


OPENED = "lang=en&part=where"
"""A link that opens the part with the map, where the page has it."""


@pytest.mark.parametrize(
    ("page", "component", "event", "value"),
    [
        ("mlp", "mlp_diagram", "picked", True),
        ("mlp", "mlp_diagram", "switched", False),
        ("forward", "stepper", "step", True),
        ("text", "passage", "picked", {"name": "text_en_gru", "token": 0}),
        ("text", "text_box", "typed", {"text": "\ud800", "count": 1}),
        ("circuit", "head_film", "step", {"number": True}),
        ("circuit", "head_film", "switched", {"number": 4}),
        ("explain", "maps", "picked", "cnn occlusion"),
        ("sustainability", "world_map", "picked", "FRA"),
        ("faq", "glossary", "named", "neuron"),
        ("read", "cards", "opened", "cnn"),
    ],
)
def test_an_event_may_also_come_as_a_state_that_stays_and_in_a_run_of_the_page(
    url: str, page: str, component: str, event: str, value: object
) -> None:
    async def send() -> None:
        async with Attacker(url, places.address(PLACES[page]), OPENED) as visitor:
            await visitor.run()
            one = visitor.kind(component)[0]
            for state in (
                trigger(one, {"event": event, "value": value}),
                WidgetState(id=one.id, json_value=json.dumps({event: value})),
            ):
                await visitor.forge([state])
                assert not visitor.exceptions()
            await visitor.run()
            assert not visitor.exceptions() and visitor.kind(component)

    asyncio.run(send())


def test_a_country_that_is_picked_in_a_run_of_the_page_is_shown(url: str) -> None:
    async def pick() -> list[str]:
        async with Attacker(url, "sustainability", OPENED) as visitor:
            await visitor.run()
            (world,) = visitor.kind("world_map")
            await visitor.forge([trigger(world, {"event": "picked", "value": "FRA"})])
            assert not visitor.exceptions()
            return [data["chosen"] for data in visitor.shown("world_map")]

    assert asyncio.run(pick()) == ["FRA"]


@pytest.mark.parametrize("component", ["found_digits", "preparation"])
def test_only_a_digit_that_was_found_can_be_chosen(url: str, component: str) -> None:
    found = images.prepare(pages.png(255 - pages.page(["104"]))).found
    row = links.several_to_link(np.stack([one.digit for one in found]))
    query = urlencode({"lang": "en", "d": links.to_link(found[0].digit), "digits": row})

    async def choose() -> list[int]:
        async with Attacker(url, places.address(PLACES["read"]), query) as visitor:
            await visitor.run()
            (one,) = visitor.kind(component)
            chosen = []
            for value in (2, 3, -1, True, "1", None, 10**30, 0.5):
                await visitor.forge([trigger(one, {"event": "chosen", "value": value})])
                assert not visitor.exceptions()
                chosen += [data["chosen"] for data in visitor.shown("found_digits")]
            return chosen

    # A link carries no boxes, so that the strip offers nothing to choose.
    assert asyncio.run(choose()) == [2 if component == "found_digits" else 0] * 8


def test_only_the_last_of_many_requests_is_carried_out(url: str) -> None:
    requests = [{"event": "asked", "value": {"kind": "train", "epochs": 1, "number": n}} for n in range(300)]

    async def train() -> list[int]:
        async with Attacker(url, "playground", "lang=en") as visitor:
            await visitor.run()
            (board,) = visitor.kind("training_board")
            await visitor.forge([trigger(board, *requests)], board.fragment)
            return [data["epoch"] for data in visitor.shown("training_board")]

    assert asyncio.run(train()) == [1]


def test_half_a_character_that_is_typed_becomes_a_mark_of_it(url: str) -> None:
    async def typed() -> list[str]:
        async with Attacker(url, "text", "lang=en") as visitor:
            await visitor.run()
            (box,) = visitor.kind("text_box")
            await visitor.forge([trigger(box, {"event": "typed", "value": {"text": "good \ud83d", "count": 6}})])
            assert not visitor.exceptions()
            return [data["text"] for data in visitor.shown("text_box")]

    assert asyncio.run(typed()) == ["good \ufffd"]


async def _each_by_itself(url: str, share: float) -> None:
    sent = 0
    failed: list[str] = []
    for page, place in PLACES.items():
        async with Attacker(url, places.address(place), "lang=en") as visitor:
            await visitor.open()
            for widget in list(visitor.widgets.values()):
                for state in forgeries(widget)[: max(4, int(share * len(forgeries(widget))))]:
                    there = visitor.widgets.get(widget.id)  # a fragment that is gone is not run
                    fragment = random.Random(sent).choice(["", there.fragment]) if there else ""
                    seconds = await visitor.forge([state], fragment)
                    sent += 1
                    wrong = visitor.exceptions() + ([f"{seconds:.1f} s"] if seconds > SLOW else [])
                    failed += [
                        f"{page} {widget.kind} {widget.name}: {one[:200]} ({str(state)[-200:]!r})" for one in wrong
                    ]
            await visitor.run()
            failed += [f"{page}: stuck with {one[:200]}" for one in visitor.exceptions()]
        print(page, sent, len(failed), flush=True)
    print(*failed, sep="\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, serve(COMMAND, ROOT, Path(folder) / "log") as address:
        asyncio.run(_each_by_itself(address, float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
