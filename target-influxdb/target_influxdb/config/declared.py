"""A setting is declared once, as the field of a dataclass: its type, its default, and what is said of it.

From that come the JSON schema (with it `--about` and the tables of the documents), the default, and the checks that
need no more than the value.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON_TYPES = {bool: "boolean", int: "integer", str: "string", Path: "string"}


@dataclass(frozen=True)
class About:
    """What is said of a setting."""

    description: str
    title: str = ""
    choices: tuple[str, ...] = ()
    least: int = 1
    """Of a number."""
    is_secret: bool = False
    """May also stand in a file, named by the setting `<name>_file`. No message repeats it."""
    schema: Mapping[str, Any] | None = None
    """Where the type of the field says too little."""


def setting(default: Any, description: str, title: str = "", **more: Any) -> Any:
    """Declare a setting; `more` are the other parts of `About`."""
    about = About(description, title, **more)
    return field(default=default, repr=not about.is_secret, metadata={"about": about})


def declared(made: type) -> Iterator[tuple[Field[Any], type, About]]:
    """Yield the settings of a dataclass: field, type (without `None`, which stands last), and what is said of it."""
    types = get_type_hints(made)
    for one in fields(made):
        if about := one.metadata.get("about"):
            given = types[one.name]
            yield one, get_args(given)[0] if isinstance(given, UnionType) else given, about


def schema_of(made: type) -> dict[str, Any]:
    """Return the JSON schema of a dataclass's settings."""
    properties: dict[str, Any] = {}
    for one, kind, about in declared(made):
        shape = about.schema or _shape(kind)
        default = {"default": one.default} if one.default not in {None, "", ()} else {}
        enum = {"enum": list(about.choices)} if about.choices else {}
        secret = {"secret": True, "writeOnly": True} if about.is_secret else {}
        title = {"title": about.title} if about.title else {}
        properties[one.name] = {**shape, **title, **default, "description": about.description, **enum, **secret}
        if about.is_secret:
            properties[f"{one.name}_file"] = {
                **_shape(str),
                "title": f"{about.title} file",
                "description": f"File that holds the {one.name}, instead of `{one.name}`.",
            }
    return {"type": "object", "properties": properties}


def _shape(kind: type) -> dict[str, Any]:
    if kind in JSON_TYPES:
        return {"type": [JSON_TYPES[kind], "null"]}
    return {"type": ["array", "null"], "items": {"type": ["string"]}}


def read(made: type, config: Mapping[str, Any], errors: list[str]) -> dict[str, Any]:
    """Return the values of a dataclass's settings; mistakes go to `errors`, a null is no answer."""
    values: dict[str, Any] = {}
    for one, kind, about in declared(made):
        value = config.get(one.name)
        if about.is_secret:
            value = _secret(config, one.name, errors)
        elif value is None or value == "":
            value = one.default
        elif kind is int and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < about.least):
            errors.append(f"{one.name}: {value!r} must be a number of at least {about.least}.")
            value = one.default
        elif about.choices and value not in about.choices:
            errors.append(f"{one.name}: {value!r} is none of {', '.join(about.choices)}.")
        elif kind is Path:
            value = Path(value).expanduser()
        values[one.name] = value
    return values


def _secret(config: Mapping[str, Any], name: str, errors: list[str]) -> str:
    """Return a secret from its setting or from the file named by `<name>_file`."""
    path, secret = config.get(f"{name}_file"), config.get(name) or ""
    if path:
        if secret:
            errors.append(f"{name}: set either {name} or {name}_file, not both.")
        try:
            secret = Path(path).expanduser().read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeError) as error:
            errors.append(f"{name}_file: can't read {path!r} ({getattr(error, 'strerror', None) or 'no text'}).")
    if not isinstance(secret, str):
        errors.append(f"{name}: must be text, in quotes.")
        return ""
    secret = secret.strip("\r\n")  # as files and variables end
    if not secret.isprintable():
        errors.append(f"{name}: has line breaks or other characters that can't be printed.")
    return secret
