"""The OpenAPI document of the service, made of its addresses and of the very records that its requests are held to.

https://spec.openapis.org/oas/v3.1.0
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

import glassbox
from glassbox.serving.endpoint import Handler
from glassbox.serving.protocol import HEADER_LENGTH, Problem

_REFERENCE = "#/components/schemas/{name}"
_BYTES = {"type": "string", "format": "binary"}
_PARAMETER = re.compile(r"{(\w+)}")
PROBLEMS = {
    400: "It is not what it should be.",
    401: "A key is asked for.",
    403: "A page of another site may not ask.",
    404: "There is no such model or version.",
    408: "The request came too slowly.",
    413: "The request is too large.",
    415: "The request is compressed in a way that is not known here.",
    422: "What was sent can't be read.",
    429: "There were too many requests.",
    500: "It failed for a reason that is not the request's.",
    503: "The service is ending, busy or too slow, or the model is refused.",
}
"""Why a request is not answered, by the HTTP status."""
_ANY = (401, 403, 429, 500, 503)
_POSTED = (408, 413, 415)


@dataclass(frozen=True)
class Address:
    """One address of the service, and what the document says of it.

    `takes` and `gives`: for each media type a record's type, or None for bytes. `parameters`: of the query, each with
    what it means; `values`: what a parameter of the path may be, if less than elsewhere. `problems`: the HTTP statuses
    beside those that any address may have. One that is `open` asks for no key, and for one that is `optional` nothing
    need be sent.
    """

    path: str
    handler: Handler
    method: str = "GET"
    takes: Mapping[str, Any] = field(default_factory=dict)
    gives: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    optional: bool = False
    open: bool = False


def document(addresses: Sequence[Address], values: Mapping[str, Sequence[str]], *, keys: bool) -> dict[str, Any]:
    """Return the document of `addresses`; `values`: what each parameter of a path may be. `keys`: whether a key is
    asked for."""
    records = [record for one in addresses for record in (*one.takes.values(), *one.gives.values()) if record]
    schemas, components = msgspec.json.schema_components([*records, Problem], ref_template=_REFERENCE)
    made = dict(zip([*records, Problem], schemas, strict=True))
    paths: dict[str, Any] = {}
    for one in addresses:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, values, made, keys=keys)
    schemes = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Glassbox",
            "version": glassbox.__version__,
            "summary": "Every model of the dashboard, for other programs.",
            "description": "The Open Inference Protocol v2 with its binary tensor extension, and addresses for those "
            "who have a picture's file or a text, and no tensors.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": components} | ({"securitySchemes": schemes} if keys else {}),
    }


def _operation(
    one: Address, values: Mapping[str, Sequence[str]], made: Mapping[Any, Any], *, keys: bool
) -> dict[str, Any]:
    name = one.handler.__name__ + ("_version" if "{version}" in one.path else "")
    found = {**values, **one.values}
    parameters = [
        {"name": part, "in": "path", "required": True, "schema": {"type": "string", "enum": list(found[part])}}
        for part in _PARAMETER.findall(one.path)
    ]
    parameters += [
        {"name": part, "in": "query", "description": text, "schema": {"type": "string"}}
        for part, text in one.parameters.items()
    ]
    if any(media == "application/octet-stream" for media in one.takes):
        text = "How many bytes of the body are JSON; binary tensors stand behind them."
        parameters.append({"name": HEADER_LENGTH, "in": "header", "description": text, "schema": {"type": "integer"}})
    said: dict[str, Any] = {"operationId": name, "summary": _summary(one.handler), "parameters": parameters}
    if one.takes:
        said["requestBody"] = {"required": not one.optional, "content": _content(one.takes, made)}
    said["responses"] = {"200": {"description": "The answer.", "content": _content(one.gives, made)}}
    statuses = {*_ANY, *(_POSTED if one.method == "POST" else ()), *one.problems} - ({401, 429} if one.open else set())
    for status in sorted(statuses):
        said["responses"][str(status)] = {
            "description": PROBLEMS[status],
            "content": {"application/json": {"schema": made[Problem]}},
        }
    if keys and not one.open:
        said["security"] = [{"bearer": []}, {"header": []}]
    return said


def _summary(handler: Handler) -> str:
    """Return the first sentence of what answers: "Answer …"."""
    return (handler.__doc__ or "").partition(".")[0].strip() + "."


def _content(bodies: Mapping[str, Any], made: Mapping[Any, Any]) -> dict[str, Any]:
    found = {}
    for media, record in bodies.items():
        schema = made[record] if record else _BYTES
        if media == "text/event-stream":  # of each event, as OpenAPI 3.2 has it
            data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
            schema = {"type": "object", "required": ["data"], "properties": {"data": data}}
        found[media] = {"schema": schema}
    return found
