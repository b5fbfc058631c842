"""Editing a copy of a knowledge file: one value at a place, with its status said honestly, comments kept.

A place is `file:key.key`; an entry of a list of tables goes by its `id`, else by its number.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

Scalar = bool | int | float | str
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_ABOUT = frozenset({"status", "ref", "confidence", "note"})
_FIXED = _ABOUT | {"id"}
LONGEST_VALUE = 2_000


class ValueProblemError(Exception):
    """A value that cannot be: says the place, what was found and what is allowed."""


@dataclass(frozen=True)
class Leaf:
    """One value of a knowledge file with what is said of it. `key`: empty where it cannot be edited here."""

    file: str
    path: str
    value: Any
    status: str
    ref: str
    note: str
    confidence: str
    editable: bool

    @property
    def place(self) -> str:
        return f"{self.file}:{self.path}"


def leaves(file: str, text: str) -> tuple[Leaf, ...]:
    """Every value of a file, in its order; what is said of a value (status, reference, note) is beside it, not among them."""
    return tuple(_leaves(file, (), tomllib.loads(text), {}, open_here=not file.startswith("references")))


def value_at(text: str, path: str) -> Scalar:
    """The value at a place of a file. Raises ValueProblemError where there is none that can be edited."""
    table, key = _find(tomllib.loads(text), path)[-1], path.rpartition(".")[2]
    found = table.get(key) if isinstance(table, dict) else None
    if key in _FIXED or not isinstance(found, bool | int | float | str):
        raise ValueProblemError(f"{path}: found no number, yes/no or text that can be changed here; allowed: one of those, by its place")
    return found


def parsed(shipped: Scalar, text: str) -> Scalar:
    """What somebody wrote, as the kind of the shipped value. Raises ValueProblemError."""
    text = text.strip()
    if not text or len(text) > LONGEST_VALUE or not text.isprintable():
        raise ValueProblemError(f"found {len(text)} characters, perhaps unprintable ones; allowed: 1 to {LONGEST_VALUE} on one line")
    if isinstance(shipped, bool):
        if text.lower() not in ("true", "false", "yes", "no"):
            raise ValueProblemError(f"found {text!r}; allowed: yes or no")
        return text.lower() in ("true", "yes")
    if isinstance(shipped, str):
        return text
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", text):
        return float(text)
    raise ValueProblemError(f"found {text[:40]!r}; allowed: a number, such as 14 or 0.25")


def edited(text: str, path: str, value: Scalar, reason: str, reference: str) -> str:
    """The file with another value at a place: `design` with the reason, or `verified` by the reference that is named."""
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ValueProblemError(f"{path}: found TOML that cannot be read ({error}); allowed: TOML 1.0") from None
    tables, key = _find(document, path), path.rpartition(".")[2]
    shipped = tables[-1].get(key) if isinstance(tables[-1], dict) else None
    if shipped is None:
        raise ValueProblemError(f"{path}: found no such value any more; allowed: a place of this file")
    tables[-1][key] = value
    about = next((table for table in reversed(tables) if isinstance(table, dict) and "status" in table), None)
    if about is not None:
        was = ", ".join(str(about[name]) for name in ("status", "ref") if name in about)
        about["status"] = "verified" if reference else "design"
        for name in ("ref", "confidence"):
            about.pop(name, None)
        if reference:
            about["ref"] = reference
        about["note"] = f"{reason} (this site's value; shipped: {_said(shipped)}, {was})"
    return tomlkit.dumps(document)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _find(document: Any, path: str) -> list[Any]:
    """The tables from the top down to the one that holds the last key. Raises ValueProblemError."""
    found = [document]
    for part in path.split(".")[:-1]:
        here = found[-1]
        if isinstance(here, dict) and part in here:
            found.append(here[part])
            continue
        entries = list(enumerate(here)) if isinstance(here, list) else []
        at = next((n for n, each in entries if isinstance(each, dict) and str(each.get("id", n)) == part), None)
        if at is None:
            raise ValueProblemError(f"{path}: found no {part!r}; allowed: a place of this file")
        found.append(here[at])
    return found


def _leaves(file: str, at: tuple[str, ...], value: Any, about: dict[str, str], open_here: bool) -> Iterator[Leaf]:
    if isinstance(value, dict):
        said = {name: str(value[name]) for name in _ABOUT if name in value} if "status" in value else about
        for key, inner in value.items():
            if key not in _ABOUT or "status" not in value:
                yield from _leaves(file, (*at, key), inner, said, open_here and bool(_PLAIN.fullmatch(key)))
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for number, each in enumerate(value):
            name = str(each.get("id", number)) if isinstance(each, dict) else str(number)
            yield from _leaves(file, (*at, name), each, about, open_here and bool(_PLAIN.fullmatch(name)))
    else:
        editable = open_here and at[-1] not in _FIXED and isinstance(value, bool | int | float | str)
        status, ref, note, confidence = (about.get(name, "") for name in ("status", "ref", "note", "confidence"))
        yield Leaf(file, ".".join(at), value, status, ref, note, confidence, editable)
