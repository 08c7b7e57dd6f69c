"""The OpenAPI document as a page to read: it loads nothing, from here or elsewhere."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d9dde3, #363d48); --back: light-dark(#f4f5f7, #1f242c); }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  background: light-dark(#fff, #14171c); color: light-dark(#1b222c, #e7eaee); overflow-wrap: anywhere; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: 1.1rem; }
a { color: light-dark(#2a5db0, #8fb4f2); }
code, pre { font: .9em ui-monospace, monospace; background: var(--back); border-radius: .3rem; }
code { padding: 0 .2em; } pre { padding: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td:not(:last-child) { overflow-wrap: normal; }
th, td { text-align: start; vertical-align: top; border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; }
"""
_QUOTED = re.compile(r"`([^`]+)`")


def html(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI `document`."""
    info, schemas = document["info"], document["components"]["schemas"]
    parts = [f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>", _text(info["description"])]
    parts.append('<p><a href="openapi.json">openapi.json</a></p><ul>')
    operations = [(path, method, one) for path, found in document["paths"].items() for method, one in found.items()]
    parts += [f'<li><a href="#{one["operationId"]}"><code>{_address(p, m)}</code></a></li>' for p, m, one in operations]
    parts.append("</ul>")
    for path, method, one in operations:
        parts.append(f'<h2 id="{one["operationId"]}"><code>{_address(path, method)}</code></h2>{_text(one["summary"])}')
        parts.append(_parameters(one["parameters"]))
        if "requestBody" in one:
            parts.append(f"<p>Takes {_content(one['requestBody']['content'])}</p>")
        rows = [
            (f"<code>{status}</code>", f"{_inline(told['description'])} {_content(told['content'])}")
            for status, told in one["responses"].items()
        ]
        parts.append(_table(("Status", "Answer"), rows))
    parts += [_schema(name, schema) for name, schema in schemas.items()]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    title = f"<title>{escape(info['title'])}: the service</title>"
    return f'<!doctype html><html lang="en"><head>{head}{title}</head><body><main>{"".join(parts)}</main></body></html>'


def _address(path: str, method: str) -> str:
    return escape(f"{method.upper()} {path}")


def _parameters(parameters: Sequence[Any]) -> str:
    rows = []
    for one in parameters:
        said = one.get("description", "")
        values = one["schema"].get("enum", ())
        named = ", ".join(f"<code>{escape(value)}</code>" for value in values)
        rows.append((f"<code>{escape(one['name'])}</code>", escape(one["in"]), _inline(said) + named))
    return _table(("Parameter", "In", "What it is"), rows) if rows else ""


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    rows = [
        (f"<code>{escape(field)}</code>{'' if field in schema.get('required', ()) else ' (optional)'}", _type(one))
        for field, one in schema.get("properties", {}).items()
    ]
    fields = _table(("Field", "What it is"), rows) if rows else f"<pre>{escape(json.dumps(schema, indent=1))}</pre>"
    return f'<h2 id="{escape(name)}">{escape(name)}</h2>{_text(schema.get("description", ""))}{fields}'


def _content(content: Mapping[str, Any]) -> str:
    return " or ".join(f"<code>{escape(media)}</code> {_type(one['schema'])}" for media, one in content.items())


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema in a few words, with a link to what it refers to."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if schema.get("items") else "list"
    if "contentSchema" in schema:
        return f"{_type(schema['contentSchema'])} as JSON"
    if "properties" in schema:
        return ", ".join(f"<code>{escape(name)}</code>: {_type(one)}" for name, one in schema["properties"].items())
    if schema.get("type") == "object":
        return f"object of {_type(schema.get('additionalProperties') or {})}"
    told = {key: value for key, value in schema.items() if key not in ("type", "title", "description", "format")}
    limits = f" <code>{escape(json.dumps(told))}</code>" if told else ""
    return f"{escape(schema.get('format') or schema.get('type') or 'anything')}{limits}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(text: str) -> str:
    return f"<p>{_inline(text)}</p>" if text else ""


def _inline(text: str) -> str:
    """Return `text` with what stands between backticks as code."""
    return _QUOTED.sub(r"<code>\1</code>", escape(text))
