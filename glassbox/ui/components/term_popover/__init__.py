"""What a term of the glossary means, in a box beside it: a click on a term in a text opens no other tab."""

from glassbox.ui.base.i18n import FALLBACK, LANGUAGES, language, strings, t
from glassbox.ui.components.register import register

_component = register(__file__)
_TAGS = {code: strings(code).get("frame.language_tag", code) for code in (FALLBACK, *LANGUAGES)}


def twin_language() -> str:
    """Return the language of a term's second name, as in HTML: the first of ours that is not the visitor's."""
    return next((tag for code, tag in _TAGS.items() if code != language()), _TAGS[FALLBACK])


def term_popover(key: str = "term_popover") -> None:
    """Show the meaning of each term of the page that is clicked, and say which language its second name is in."""
    words = {name: t(f"components.term_popover.{name}") for name in ("label", "more", "close")}
    _component(key=key, data={"words": words, "twin_language": twin_language()}, height=1)
