"""What the pages of the API need of the docstrings: an extension of Griffe, which reads the code for mkdocstrings."""

import re
from typing import Any

import griffe

PROMPTS = re.compile(r"(?:^>>> .*\n(?:^(?!>>> )\S.*\n)*)+", re.MULTILINE)
LIST = re.compile(r"^(?!- )(\S.*)\n(?=- )", re.MULTILINE)


def markdown(docstring: str) -> str:
    """Return the docstring with its doctests as code, and a list as one though no empty line is before it."""
    text = PROMPTS.sub(lambda found: f"```pycon\n{found[0]}```\n", docstring + "\n")
    return LIST.sub(r"\1\n\n", text).strip()


class Docstrings(griffe.Extension):
    """Docstrings as Markdown, and the fields of a NamedTuple in its signature, as those of a dataclass are."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)

    def on_class(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        if not any(str(base).split(".")[-1] == "NamedTuple" for base in cls.bases) or "__init__" in cls.members:
            return
        fields = [member for member in cls.members.values() if member.is_attribute and member.annotation is not None]
        kind = griffe.ParameterKind.positional_or_keyword
        parameters = [griffe.Parameter("self", kind=kind)]
        parameters += [
            griffe.Parameter(field.name, annotation=field.annotation, kind=kind, default=field.value)
            for field in fields
        ]
        init = griffe.Function("__init__", parameters=griffe.Parameters(*parameters), parent=cls)
        cls.set_member("__init__", init)
