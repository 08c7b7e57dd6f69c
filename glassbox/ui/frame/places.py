"""Which pages there are, in the order of a first visit. A page is listed once its file exists."""

from dataclasses import dataclass

from glassbox.paths import ROOT

GROUPS = ("read", "inside", "learn", "challenges", "engineer")


@dataclass(frozen=True)
class Place:
    """One screen. Its words are the strings of locale/LANGUAGE/KEY.toml and the prose content/KEY.*.md."""

    key: str
    file: str
    group: str
    icon: str
    models: tuple[str, ...] = ()
    """The models whose ONNX files the page offers at its foot."""
    picture: bool = True
    """Whether the page is about the visitor's digit, and so shows it beside its title."""


_PLANNED = (
    Place("read", "dashboard.py", "read", ":material/gesture:", ("mlp", "cnn", "rnn")),
    Place("forward", "pages/forward.py", "inside", ":material/double_arrow:", ("mlp", "cnn", "rnn")),
    Place("mlp", "pages/mlp.py", "inside", ":material/hub:", ("mlp",)),
    Place("cnn", "pages/cnn.py", "inside", ":material/grid_view:", ("cnn", "cnn_deep")),
    Place("rnn", "pages/rnn.py", "inside", ":material/view_timeline:", ("rnn", "lstm", "gru")),
    Place("text", "pages/text.py", "read", ":material/translate:", picture=False),
    Place("writing", "pages/writing.py", "read", ":material/edit_note:", picture=False),
    Place("backprop", "pages/backprop.py", "learn", ":material/undo:", ("mlp", "cnn", "rnn")),
    Place("playground", "pages/playground.py", "learn", ":material/sports_esports:", picture=False),
    Place("explain", "pages/explain.py", "challenges", ":material/search_insights:", ("mlp", "cnn", "rnn")),
    Place("privacy", "pages/privacy.py", "challenges", ":material/shield_person:", ("mlp",)),
    Place("explainability", "pages/explainability.py", "challenges", ":material/fact_check:"),
    Place("sustainability", "pages/sustainability.py", "challenges", ":material/eco:"),
    Place("factors", "pages/factors.py", "challenges", ":material/show_chart:", picture=False),
    Place("faq", "pages/faq.py", "challenges", ":material/help:", picture=False),
    Place(
        "model_zoo",
        "pages/model_zoo.py",
        "engineer",
        ":material/monitoring:",
        ("mlp", "cnn", "rnn", "cnn_deep", "lstm", "gru"),
    ),
)
PLACES: dict[str, Place] = {place.key: place for place in _PLANNED if (ROOT / place.file).exists()}


_KINDS = {"cnn_deep": "cnn", "lstm": "rnn", "gru": "rnn"}
"""The page that shows a model which has none of its own."""


def after(key: str) -> Place:
    """The page that a page's last link leads to; the last page leads back to the first."""
    keys = list(PLACES)
    return PLACES[keys[(keys.index(key) + 1) % len(keys)]]


def of_model(name: str) -> tuple[Place, dict[str, str]]:
    """Where a model is shown from inside: its own page, that of its kind, or its card in the model zoo; with the link's
    parameters."""
    if name in PLACES:
        return PLACES[name], {}
    if (kind := _KINDS.get(name)) in PLACES:
        return PLACES[kind], {"model": name}
    return PLACES["model_zoo"], {"model": name}


def address(place: Place) -> str:
    """The page's path relative to the first screen ('' for the first screen itself)."""
    return "" if place.key == "read" else place.key
