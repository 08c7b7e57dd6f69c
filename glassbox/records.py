"""Records kept as JSON (cards, studies) read into dataclasses, every field checked."""

from dataclasses import MISSING, fields, is_dataclass
from math import isfinite
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints


def read(kind: Any, value: Any, at: str = "") -> Any:
    """JSON `value`, found `at` a path in its file -> `kind`, a dataclass or a type that its fields may have.

    Fields that `kind` lacks are passed over. Raises ValueError naming the first field that is missing or wrong.
    """
    parts = get_args(kind)
    if is_dataclass(kind) and isinstance(value, dict):
        kinds = get_type_hints(kind)
        missing = [f.name for f in fields(kind) if f.name not in value and f.default is MISSING]
        require(not missing, f"{at or 'it'} lacks {', '.join(missing)}")
        given = {name: read(kinds[name], value[name], f"{at}.{name}".strip(".")) for name in kinds if name in value}
        return cast(Any, kind)(**given)
    if get_origin(kind) is tuple and isinstance(value, list):
        items = [parts[0]] * len(value) if parts[-1] is Ellipsis else parts
        require(len(items) == len(value), f"{at} has {len(value)} values")
        return tuple(read(item, v, f"{at}[{i}]") for i, (item, v) in enumerate(zip(items, value, strict=True)))
    if get_origin(kind) is dict and isinstance(value, dict):
        return {key: read(parts[1], v, f"{at}.{key}") for key, v in value.items()}
    if get_origin(kind) is UnionType:
        exact = [part for part in parts if type(value) is part]
        return read(exact[0] if exact else parts[0], value, at)
    if kind is float and type(value) in (int, float) and isfinite(value):
        return float(value)
    require(kind is not float and type(value) is kind, f"{at or 'it'} is {value!r}")
    return value


def require(condition: bool, otherwise: str) -> None:
    """Raise ValueError saying `otherwise` unless `condition` holds."""
    if not condition:
        raise ValueError(otherwise)
