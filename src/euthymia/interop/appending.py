"""One more event in a native JSON text, with every other character of it left as it is.

Whatever the layout — one event a line, one patient a line, indented — the event goes behind the last one of its patient.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from euthymia.interop.result import ReadError
from euthymia.record import SCHEMA

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_HOW = "native JSON, as `euthymia convert PATH --to json --out record.json` writes it"


@dataclass
class _Events:
    """Where the list of events of one document begins and ends (the places behind `[` and before `]`)."""

    patient_id: str
    begin: int
    end: int


def appended(text: str, patient_id: str, event: Mapping[str, Any]) -> str:
    """The text with the event behind the last one of that patient. Raises ReadError where it is not native JSON of the patient."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        raise ReadError(f"found CSV or another text; allowed: {_HOW}")
    try:
        lists = [found for found in _lists(text) if found.patient_id == patient_id]
    except (ValueError, RecursionError):
        raise ReadError(f"found JSON that cannot be read in full; allowed: {_HOW}") from None
    if not lists:
        raise ReadError(f"found {_what(text)}; allowed: {_HOW}")
    place, line = lists[-1], json.dumps(event, ensure_ascii=False)
    inside = text[place.begin : place.end]
    filled = inside.rstrip()
    if not filled:
        return f"{text[: place.begin]}{line}{text[place.end :]}"
    behind = place.begin + len(filled)
    return f"{text[:behind]},{_gap(inside)}{line}{text[behind:]}"


def _gap(inside: str) -> str:
    """What stands before the first event: a line break with its indent, a space, or nothing."""
    return inside[: len(inside) - len(inside.lstrip())] or " "


def _lists(text: str) -> Iterator[_Events]:
    """The list of events of every native document: one, one a line, or in a list."""
    for start, end in _documents(text):
        document = json.loads(text[start:end])
        if not isinstance(document, dict) or document.get("schema") != SCHEMA or not isinstance(document.get("events"), list):
            continue
        span = _list_of_events(text, start, end)
        if span is not None:
            yield _Events(str(document.get("patient_id", "")).strip(), *span)


def _documents(text: str) -> Iterator[tuple[int, int]]:
    """Where each document begins and ends: an object that stands in nothing, or in one list."""
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "[{":
            opened.append((mark, token.start()))
        elif mark in "]}":
            if not opened:
                raise ValueError("a bracket that nothing opened")
            begun, start = opened.pop()
            if begun == "{" and (not opened or (len(opened) == 1 and opened[0][0] == "[")):
                yield start, token.end()
    if opened:
        raise ValueError("a bracket that nothing closed")


def _list_of_events(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The inside of the list under the key `events` of the object itself, not of one within it."""
    depth, last, begin = 0, "", None
    for token in _TOKEN.finditer(text, start, end):
        mark = token.group()
        if mark in "[{":
            depth += 1
            begin = token.end() if depth == 2 and mark == "[" and last == '"events"' else begin
        elif mark in "]}":
            depth -= 1
            if depth == 1 and begin is not None:
                return begin, token.start()
        last = mark
    return None


def _what(text: str) -> str:
    """What was read instead, in words."""
    return "FHIR" if '"resourceType"' in text else "no such patient in native JSON"
