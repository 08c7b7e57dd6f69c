"""Several digits on one picture: all are found, one is chosen, and the link carries them."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from glassbox.digits import images, links, segmentation
from glassbox.trust import session_contents
from glassbox.ui.base import i18n
from glassbox.ui.frame import picture
from tests.digits import pages
from tests.ui.dashboard import SEVEN, component, components, png, switch, upload, visit

EN = i18n.strings("en")
ROW = pages.png(255 - pages.page(["104"]))


def shown(app: AppTest) -> list[list[int]]:
    values: list[list[int]] = component(app, "preparation")["digit"]["values"]
    return values


def labels(app: AppTest) -> list[str]:
    return [digit["label"] for digit in component(app, "found_digits")["digits"]]


def choose(app: AppTest, index: int) -> AppTest:
    """As the browser does: the callback of the component."""
    app.session_state["picture"] = chosen(app.session_state["picture"], index)
    return app.run()


def chosen(kept: picture.Picture, index: int) -> picture.Picture:
    return picture.with_digit(kept, index)


def test_all_digits_are_told_and_boxed() -> None:
    app = upload(visit(), **{"104.png": ROW})
    prepared = images.prepare(ROW)
    row, strip = component(app, "found_digits"), component(app, "preparation")
    assert labels(app) == ["1", "0", "4"]
    assert (row["chosen"], strip["chosen"]) == (prepared.chosen, prepared.chosen)
    assert "3 digits" in row["legend"]
    assert row["digits"][2]["name"] == EN["components.found_digits.one"].format(number=3, count=3, label="4")
    assert np.allclose(strip["boxes"], [one.box for one in prepared.found])
    assert np.array_equal(shown(app), prepared.digit)


@pytest.mark.parametrize("index", range(3))
def test_the_chosen_digit_is_the_one_read_everywhere(index: int) -> None:
    app = choose(upload(visit(), **{"104.png": ROW}), index)
    digit = images.prepare(ROW).found[index].digit
    assert np.array_equal(shown(app), digit)
    assert app.query_params["d"] == links.to_link(digit)
    assert [step["name"][2:] for step in component(app, "preparation")["steps"]] == [
        EN[f"components.preparation.step.{name}"] for name in ("picture", "ink", "cut", "even")
    ]
    cards = {card["name"]: card["label"] for card in component(app, "cards")["cards"]}
    assert cards["cnn"] == "104"[index]
    assert np.array_equal(shown(switch(switch(app, "mlp"), "read")), digit)


def test_one_digit_is_as_before() -> None:
    app = upload(visit(), **{"7.png": png(SEVEN)})
    assert not components(app, "found_digits") and component(app, "preparation")["boxes"] == []
    assert "digits" not in app.query_params
    assert not app.info


def test_the_link_carries_them_on_the_first_screen_alone() -> None:
    app = upload(visit(), **{"104.png": ROW})
    link = {name: app.query_params[name] for name in ("d", "digits")}
    assert "digits" not in switch(app, "mlp").query_params
    guest = visit(d=link["d"], digits=link["digits"])
    assert labels(guest) == ["1", "0", "4"] and component(guest, "preparation")["boxes"] == []
    again = choose(guest, 1)
    assert labels(again) == ["1", "0", "4"] and np.array_equal(shown(again), images.prepare(ROW).found[1].digit)
    assert "digits" not in upload(again, **{"7.png": png(SEVEN)}).query_params


@pytest.mark.parametrize("forged", ["", "x", "A" * 5_000, "数字", links.to_link(np.eye(28, dtype=np.uint8))])
def test_forged_digits_in_a_link_are_none(forged: str) -> None:
    digit = images.prepare(png(SEVEN)).digit
    app = visit(d=links.to_link(digit), digits=forged)
    assert np.array_equal(shown(app), digit)
    assert not components(app, "found_digits") and not app.error
    assert "digits" not in app.query_params


def test_what_is_left_out_is_counted() -> None:
    ink = pages.page(["52"], rule=4)
    ink[20:26, 20:26] = 255
    app = upload(visit(), **{"52.png": pages.png(255 - ink)})
    parts = ", ".join(EN[f"read.several.left_out_{name}"].format(count=1) for name in ("lines", "specks"))
    assert EN["read.several.left_out"].format(parts=parts) in [caption.value for caption in app.caption]


def test_digits_that_touch_are_said() -> None:
    ink = pages.page(["708"])
    ink[60:66, 70:250] = 255
    app = upload(visit(), **{"708.png": pages.png(255 - ink)})
    assert [one.value for one in app.info] == [EN["read.several.wide"]]


def test_the_table_of_several_files_tells_them() -> None:
    app = upload(visit(), **{"7.png": png(SEVEN), "104.png": ROW})
    table = app.dataframe[0].value
    assert table["digits"][1] == "1 0 4" and table["digits"].isna()[0]
    assert labels(app) == ["1", "0", "4"]  # the last one is shown


def test_what_is_kept_of_the_others_is_bounded() -> None:
    page = pages.png(255 - pages.sudoku(["1234567890" for _ in range(10)]))
    app = upload(visit(), **{"page.png": page})
    kept: Any = app.session_state["picture"]
    assert len(kept.found) == segmentation.MAX_DIGITS
    assert "digits" not in app.query_params  # too long for a link
    assert EN["read.several.left_out_beyond"].format(count=100 - segmentation.MAX_DIGITS) in app.caption[-1].value


def test_erasing_drops_the_other_digits_too() -> None:
    found = images.prepare(ROW).found
    app = switch(upload(visit(), **{"104.png": ROW}), "privacy")

    def copies() -> list[int]:
        held = {key: app.session_state[key] for key in ("picture", "readings") if key in app.session_state}
        return [session_contents.copies(held, one.digit, links.to_link(one.digit)) for one in found]

    assert all(copies())
    app.button(key="privacy_erase").click().run()
    assert not any(copies())
