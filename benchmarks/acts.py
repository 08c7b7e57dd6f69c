"""What the visitors of `benchmarks.load --acts` do beyond looking: upload a picture, train a network, have a text
written."""

import json
import random
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO

from PIL import Image
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

from benchmarks.visitor import Visitor
from glassbox.digits import strokes
from glassbox.ui.base import i18n

SIDE = 280
"""Pixels of an uploaded picture's side."""
EPOCHS = 10
"""What the playground's clock asks for at its quickest."""


async def upload(visitor: Visitor, chance: random.Random) -> float:
    """Choose the upload on the first screen, and give it a PNG by the address that its field is told. Returns the
    seconds of the run that reads it."""
    words = {i18n.strings(language)["read.way.upload"] for language in i18n.LANGUAGES}
    ways = next(
        one.button_group
        for one in visitor.drawn("button_group")
        if any(option.content in words for option in one.button_group.options)
    )
    chosen = WidgetState(id=ways.id)
    chosen.string_array_value.data.extend(option.content for option in ways.options if option.content in words)
    await visitor.change([chosen])
    (field,) = visitor.drawn("file_uploader")
    content = picture(chance)
    name = f"{chance.randrange(10**6)}.png"
    place = await visitor.upload(name, content)
    state = WidgetState(id=field.file_uploader.id)
    info = state.file_uploader_state_value.uploaded_file_info.add(file_id=place.file_id, name=name, size=len(content))
    info.file_urls.CopyFrom(place)
    return await visitor.change([chosen, state])


async def train(visitor: Visitor, chance: random.Random) -> float:
    """Ask the playground for a few epochs, as its clock does."""
    components = [one.bidi_component for one in visitor.drawn("bidi_component")]
    (board,) = (one for one in components if one.component_name.endswith("training_board"))
    number = 1 + json.loads(board.json)[0]["answered"]
    asked = [{"event": "asked", "value": {"number": number, "kind": "train", "epochs": EPOCHS}}]
    events = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{board.id}__events"
    return await visitor.change([WidgetState(id=events, json_trigger_value=json.dumps(asked))])


async def write(visitor: Visitor, chance: random.Random) -> float:
    """Have the text written again from another seed."""
    (button,) = (one.button for one in visitor.drawn("button") if "writing_seed_button" in one.button.id)
    return await visitor.change([WidgetState(id=button.id, trigger_value=True)])


Act = Callable[[Visitor, random.Random], Awaitable[float]]
ACTS: Mapping[str, Act] = {"": upload, "playground": train, "writing": write}
"""What is done on a page, by its address."""


def picture(chance: random.Random) -> bytes:
    """Return a PNG of SIDE x SIDE pixels with a digit that nobody else sends, black on white."""
    sample = chance.choice(strokes.SAMPLES)
    digit = strokes.draw(sample.strokes, 28, chance.uniform(2.0, 3.5))
    large = Image.fromarray((255 * (1 - digit)).astype("uint8").reshape(28, 28)).resize((SIDE, SIDE))
    file = BytesIO()
    large.save(file, "PNG")
    return file.getvalue()
