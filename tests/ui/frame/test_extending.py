"""Pages are deleted by deleting their files, and what a language lacks is shown in English; tried in a copy.

tests/packaging/test_contributing.py adds a page and a language by the recipes.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame import places

COPIED = ("dashboard.py", "pages", "glassbox", "locale", "content", ".streamlit")
READ_ONLY = ("models", "studies")
VISIT = """
import json, sys
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from glassbox.ui.frame import places

manifest_scanner.scan_component_manifests = list  # none is installed, which takes longer to find out than a page
found = {}
for key in sys.argv[2].split(",") if sys.argv[2] else places.PLACES:
    app = AppTest.from_file("dashboard.py", default_timeout=60)
    app.query_params["lang"] = sys.argv[1]
    app.session_state["gb_how"] = True
    app.switch_page(places.PLACES[key].file).run()
    found[key] = {
        "exceptions": [one.message for one in app.exception],
        "title": app.title[0].value,
        "links": [link.value for link in app.page_link],
        "prose": [one.value for one in app.markdown],
    }
print(json.dumps(found))
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the dashboard whose files may be added to and deleted, with what Python has compiled."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    for name in READ_ONLY:
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def visited(house: Path, language: str = "en", *pages: str) -> dict[str, Any]:
    """What the pages of the copy show, all or those named, by key."""
    ran = subprocess.run(
        [sys.executable, "-c", VISIT, language, ",".join(pages)],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    assert not any(page["exceptions"] for page in found.values()), found
    return found


def delete_page(house: Path, key: str) -> None:
    """Delete a page's files, and nothing else."""
    (house / "pages" / f"{key}.py").unlink()
    shutil.rmtree(house / "glassbox" / "ui" / "pages" / key)
    for pattern in (f"content/{key}.*.md", f"content/{key}_*.md", f"locale/*/{key}.toml"):
        for path in house.glob(pattern):
            path.unlink()


@pytest.mark.parametrize("half", [0, 1])
def test_pages_are_deleted_by_deleting_their_files(house: Path, half: int) -> None:
    deleted = [key for key in places.PLACES if key != "read"][half::2]
    for key in deleted:
        delete_page(house, key)
    found = visited(house)
    assert [*found] == [key for key in places.PLACES if key not in deleted]
    gone = {i18n.strings("en")[f"{key}.name"] for key in deleted}
    assert not any(gone & {*page["links"]} for page in found.values())


def test_what_a_language_lacks_is_shown_in_english(house: Path) -> None:
    """English under another code, one string changed, one missing, and no prose and no terms of its own."""
    shutil.copytree(house / "locale" / "en", house / "locale" / "xx")
    strings = house / "locale" / "xx" / "read.toml"
    text = re.sub(r'^question = ".*"$', 'question = "?siht si tahW"', strings.read_text("utf-8"), flags=re.MULTILINE)
    strings.write_text(re.sub(r'^lead = ".*"\n', "", text, flags=re.MULTILINE), "utf-8")
    named = house / "locale" / "xx" / "frame.toml"
    named.write_text(named.read_text("utf-8").replace('language = "English"', 'language = "Hsilgne"'), "utf-8")
    found = visited(house, "xx", "read", "faq", "factors", "writing", "text")
    english = i18n.strings("en")
    assert found["read"]["title"] == "?siht si tahW"
    assert english["read.lead"] in found["read"]["prose"]
    assert found["faq"]["title"] == english["faq.question"]
    assert i18n.prose_in("en", "faq").strip() in found["faq"]["prose"]
