"""Which pages there are, in the order of a first visit.

A page KEY is an entry here and its own files: pages/KEY.py, glassbox/ui/pages/KEY/, locale/LANGUAGE/KEY.toml and
content/KEY*.LANGUAGE.md. Without its file it is not listed, and nothing links to it.
"""

from dataclasses import dataclass

from glassbox.paths import ROOT
from glassbox.ui.base.models import displays
from glassbox.zoo.digit_models import Zoo

GROUPS = ("read", "inside", "learn", "challenges", "engineer")


@dataclass(frozen=True)
class Place:
    """One screen. Its words are the strings of locale/LANGUAGE/KEY.toml and the prose content/KEY.*.md."""

    key: str
    file: str
    group: str
    icon: str
    models: str = ""
    """Whose ONNX files the page offers at its foot: "article" for the article's three, "all" for all networks that read
    digits, else those of the networks that the page shows from inside."""
    picture: bool = True
    """Whether the page is about the visitor's digit, and so shows it beside its title."""


_LISTED = (
    Place("read", "dashboard.py", "read", ":material/gesture:", "article"),
    Place("forward", "pages/forward.py", "inside", ":material/double_arrow:", "article"),
    Place("mlp", "pages/mlp.py", "inside", ":material/hub:"),
    Place("cnn", "pages/cnn.py", "inside", ":material/grid_view:"),
    Place("rnn", "pages/rnn.py", "inside", ":material/view_timeline:"),
    Place("transformer", "pages/transformer.py", "inside", ":material/visibility:", picture=False),
    Place("circuit", "pages/circuit.py", "inside", ":material/schema:", picture=False),
    Place("gpt", "pages/gpt.py", "inside", ":material/stairs_2:", picture=False),
    Place("text", "pages/text.py", "read", ":material/translate:", picture=False),
    Place("writing", "pages/writing.py", "read", ":material/edit_note:", picture=False),
    Place("backprop", "pages/backprop.py", "learn", ":material/undo:", "article"),
    Place("playground", "pages/playground.py", "learn", ":material/sports_esports:", picture=False),
    Place("sorting", "pages/sorting.py", "learn", ":material/sort_by_alpha:", picture=False),
    Place("explain", "pages/explain.py", "challenges", ":material/search_insights:", "article"),
    Place("privacy", "pages/privacy.py", "challenges", ":material/shield_person:", "article"),
    Place("explainability", "pages/explainability.py", "challenges", ":material/fact_check:"),
    Place("sustainability", "pages/sustainability.py", "challenges", ":material/eco:"),
    Place("factors", "pages/factors.py", "challenges", ":material/show_chart:", picture=False),
    Place("faq", "pages/faq.py", "challenges", ":material/help:", picture=False),
    Place("model_zoo", "pages/model_zoo.py", "engineer", ":material/monitoring:", "all"),
    Place("own_model", "pages/own_model.py", "engineer", ":material/upload_file:", picture=False),
    Place("service", "pages/service.py", "engineer", ":material/cloud_sync:", "article"),
)
PLACES: dict[str, Place] = {place.key: place for place in _LISTED if (ROOT / place.file).exists()}


def after(key: str) -> Place:
    """Return the page that a page's last link leads to; the last page leads back to the first."""
    keys = list(PLACES)
    return PLACES[keys[(keys.index(key) + 1) % len(keys)]]


def of_model(name: str) -> tuple[Place, dict[str, str]]:
    """Return the page that shows the model `name` from inside, as its card says, else the model zoo with its card (the
    first screen, if there is no zoo); and the parameters of a link to it there."""
    display = displays().get(name)
    place = PLACES.get(display.page if display else "") or PLACES.get("model_zoo") or PLACES["read"]
    return place, {} if place.key == name else {"model": name}


def models(place: Place, zoo: Zoo) -> tuple[str, ...]:
    """Return the models of the zoo whose ONNX files the page `place` offers."""
    offered = {"": (), "article": zoo.article, "all": tuple(zoo.cards)}[place.models]
    return offered or zoo.on_page(place.key)


def address(place: Place) -> str:
    """Return the page's path relative to the first screen ('' for the first screen itself)."""
    return "" if place.key == "read" else place.key
