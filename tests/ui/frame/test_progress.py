"""Long jobs can be stopped: what is done stays, and the next run does not begin them again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from glassbox.digits.reader import Reader
from glassbox.ui.frame import attributions, picture
from glassbox.zoo import digit_models


class Stopped(Exception):
    """Stands for the run that ends another."""


def test_networks_whose_maps_are_all_done_stay_when_the_others_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    presses: list[Callable[[], None]] = []

    @contextmanager
    def stoppable(key: str, on_stop: Callable[[], None]) -> Iterator[Callable[[float, str], None]]:
        presses.append(on_stop)

        def tell(share: float, words: str) -> None:
            if share > 0.5:
                raise Stopped

        yield tell

    monkeypatch.setattr(attributions, "PATIENCE", -1.0)
    monkeypatch.setattr(attributions, "stoppable", stoppable)
    page = SimpleNamespace(reader=Reader(digit_models.load()), picture=picture._sample(0))
    done: list[list[str]] = []
    with pytest.raises(Stopped):
        attributions.compare(page, {"mlp": 1, "rnn": 1}, on_stop=done.append)  # type: ignore[arg-type]
    (press,) = presses
    press()
    assert done == [["mlp"]]
