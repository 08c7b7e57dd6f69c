"""Heavy jobs take turns: never more than two, in the order in which they came, and who gives up leaves the queue."""

import threading
from time import monotonic, sleep

import pytest
from streamlit.testing.v1 import AppTest

from glassbox.ui.base import i18n
from glassbox.ui.frame import heavy_jobs
from glassbox.ui.frame.heavy_jobs import Turns

PATIENCE = 20.0


class Visitor(threading.Thread):
    """Someone whose job lasts until `finish` is set; `told`: the places that were shown meanwhile."""

    def __init__(self, turns: Turns) -> None:
        super().__init__(daemon=True)
        self.turns, self.told = turns, list[int]()
        self.asked, self.began, self.finish = threading.Event(), threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.turns.turn(self.tell):
            self.began.set()
            self.finish.wait(PATIENCE)

    def tell(self, place: int) -> None:
        self.told.append(place)
        self.asked.set()


def nobody(place: int) -> None:
    pytest.fail(f"a place was free, but this is number {place}")


def test_no_more_than_two_run_and_the_first_who_came_is_the_next() -> None:
    turns = Turns(2)
    running = [Visitor(turns) for _ in range(2)]
    assert all(visitor.began.wait(PATIENCE) for visitor in running)
    waiting = []
    for _ in range(3):
        waiting.append(Visitor(turns))
        assert waiting[-1].asked.wait(PATIENCE)
    assert [visitor.told[0] for visitor in waiting] == [1, 2, 3]
    assert not any(visitor.began.is_set() for visitor in waiting)
    for leaving, next_one in zip([*running, waiting[0]], waiting, strict=True):
        assert not next_one.began.is_set()
        until = monotonic() + PATIENCE
        while next_one.told[-1] != 1 and monotonic() < until:
            sleep(0.01)
        leaving.finish.set()
        assert next_one.began.wait(PATIENCE)
    for visitor in waiting:
        visitor.finish.set()
        visitor.join(PATIENCE)
    assert waiting[2].told[-1] == 1
    with turns.turn(nobody), turns.turn(nobody):
        pass


def test_a_job_that_fails_gives_its_place_back() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="a bad table"), turns.turn(nobody):
        raise ValueError("a bad table")
    with turns.turn(nobody):
        pass


def test_who_gives_up_waiting_leaves_the_queue() -> None:
    turns = Turns(1)
    with turns.turn(nobody):

        def give_up(place: int) -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError), turns.turn(give_up):
            pytest.fail("there was no place")
    with turns.turn(nobody):
        pass


def page() -> None:
    import streamlit as st

    from glassbox.ui.frame import heavy_jobs

    with heavy_jobs.turn():
        st.text("done")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_who_waits_is_told_the_place_and_then_served(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, shown = Turns(1), list[str]()
    monkeypatch.setattr(heavy_jobs, "_TURNS", turns)
    holder = Visitor(turns)
    assert holder.began.wait(PATIENCE)
    tell = heavy_jobs._tell

    def told(notice: object, place: int) -> None:
        tell(notice, place)  # type: ignore[arg-type]
        shown.append(i18n.t("frame.heavy_jobs.waiting", place=place, count=2))
        holder.finish.set()

    monkeypatch.setattr(heavy_jobs, "_tell", told)
    monkeypatch.setattr(i18n, "language", lambda: language)
    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not app.exception
    assert app.text[0].value == "done" and not app.info
    assert "1" in shown[0]


def test_pieces_of_training_take_turns_beside_the_heavy_jobs() -> None:
    with heavy_jobs.short_turn(), heavy_jobs.short_turn():
        done = threading.Event()

        def piece() -> None:
            with heavy_jobs.short_turn():
                done.set()

        threading.Thread(target=piece, daemon=True).start()
        assert not done.wait(0.2)  # a third waits
        with heavy_jobs._TURNS.turn(nobody), heavy_jobs._TURNS.turn(nobody):
            pass
    assert done.wait(PATIENCE)
