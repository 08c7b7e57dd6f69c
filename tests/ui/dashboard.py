"""The dashboard without a browser: a page opened as by its link, files given to it, and what its components show."""

import base64
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.util import patch_config_options

from glassbox.digits import strokes
from glassbox.paths import ROOT
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES

TIMEOUT = 120
"""Seconds for one run of a page, on a machine that is busy with other things."""
SEVEN = next(sample for sample in strokes.SAMPLES if sample.label == "7")
THREE = next(sample for sample in strokes.SAMPLES if sample.label == "3")
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
"""A server looks once through all that is installed for components, AppTest for each app, four times as long as a page
takes."""


class Dashboard(AppTest):
    """The app in test. Every run of it, a widget's too, fails the test with what the page raised."""

    def _run(self, *args: Any, **options: Any) -> AppTest:
        with patch_config_options({"client.showErrorDetails": "full"}):  # visitors are not told them
            app = super()._run(*args, **options)
        assert not app.exception, "\n".join("\n".join([error.message, *error.stack_trace]) for error in app.exception)
        return app


def visit(
    page: str = "read", language: str = "en", *, state: Mapping[str, object] | None = None, **link: str
) -> AppTest:
    """Return the app on `page` (a key of PLACES), opened with the parameters `link` and with `state` in its session."""
    app = Dashboard(ROOT / "dashboard.py", default_timeout=TIMEOUT)
    app.query_params.update({"lang": language, **link})
    for key, value in (state or {}).items():
        app.session_state[key] = value
    return switch(app, page)


def switch(app: AppTest, page: str, **link: str) -> AppTest:
    """Go on to `page` within the visit, by a link with the parameters `link`."""
    app.switch_page(PLACES[page].file)
    app.query_params.update(link)
    return app.run()


def upload(app: AppTest, **files: bytes) -> AppTest:
    """Give `files`, name to bytes, to the first screen."""
    if not app.file_uploader:
        app.session_state["way"] = "upload"
        app.run()
    for name, data in files.items():
        app.file_uploader[0].upload(name, data)
    return app.run()


def png(sample: strokes.Sample) -> bytes:
    """Return a sample as a PNG, dark ink on white."""
    file = io.BytesIO()
    Image.fromarray(255 - strokes.draw(sample.strokes)).save(file, "PNG")
    return file.getvalue()


def component(app: AppTest, name: str) -> dict[str, Any]:
    """Return the data of the one component `name` on the page."""
    (data,) = components(app, name)
    return data


def map_values(tile: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return the values (rows, columns) of a tile of the component "maps"."""
    values = np.frombuffer(base64.b64decode(tile["values"]), "<f4")
    return values.reshape(tile["rows"], tile["columns"])


def components(app: AppTest, name: str) -> list[dict[str, Any]]:
    """Return the data of each component `name` on the page, from top to bottom."""
    found = [one for one in app.get("bidi_component") if one.proto.component_name == f"glassbox_{name}"]
    return [json.loads(one.proto.json)[0] for one in found]


def is_said(key: str, said: str, language: str = "en") -> bool:
    """Whether `said` is the string `key` with its placeholders filled in."""
    pattern = ".+".join(re.escape(part) for part in re.split(r"\{\w+\}", i18n.strings(language)[key]))
    return re.fullmatch(pattern, said) is not None


def warnings(app: AppTest) -> str:
    """Return what the page warns of, a line each."""
    return "\n".join(one.value for one in app.warning)
