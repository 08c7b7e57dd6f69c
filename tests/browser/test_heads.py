"""Each page begins with its own question: nothing stands above its title."""

import pytest
from playwright.sync_api import BrowserContext, expect

from glassbox.ui.base import i18n
from glassbox.ui.frame import places

EN = i18n.strings("en")


@pytest.mark.parametrize("key", places.PLACES)
def test_a_page_begins_with_its_title(context: BrowserContext, address: str, key: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/{places.address(places.PLACES[key])}?lang=en")
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(EN[f"{key}.question"])
    expect(page.get_by_test_id("stExpander").filter(has_text=EN["frame.foot.how"])).to_be_visible()  # drawn to its foot
    assert page.get_by_test_id("stMain").inner_text().lstrip().startswith(EN[f"{key}.question"])
