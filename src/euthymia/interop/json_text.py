"""Text to decoded JSON, for both JSON formats: one document, or one a line (NDJSON).

What Python's own decoder accepts and JSON does not (NaN, one key twice) is told apart here, and of a text that breaks
off, everything complete before the break is kept.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from euthymia.interop.result import ReadError, Skipped

# A string that breaks off reaches to the end: what looks like a bracket in it is none.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_LISTS_OF_WHOLES = ('"events"', '"entry"')
_BROKEN = "JSON (what is complete before this place was read)"


@dataclass
class Decoded:
    """The documents of a text, each with its place ("" or "line 3"), and what could not be decoded."""

    documents: list[tuple[str, Any]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def decode(text: str) -> Decoded:
    """Decode a JSON text. Raises ReadError ("found …; allowed: …") where nothing at all can be decoded."""
    decoded = Decoded()
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and _is_object(lines[0][1]):
        for number, line in lines:
            _decode_one(line, f"line {number}", decoded)
    else:
        _decode_one(text, "", decoded)
    if not decoded.documents:
        raise ReadError("; ".join(str(note).removeprefix(": ") for note in decoded.skipped))
    return decoded


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _decode_one(text: str, where: str, decoded: Decoded) -> None:
    twice: set[str] = set()

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """One object; of a key with two values neither is taken, for no one can tell which holds."""
        result: dict[str, Any] = {}
        for key, value in pairs:
            if key in result and result[key] != value:
                twice.add(key)
            result[key] = None if key in twice and key in result else value
        return result

    def load(text: str) -> Any:  # noqa: ANN401
        # NaN and Infinity become text, which no number field takes: they are refused where they stand.
        return json.loads(text, object_pairs_hook=once, parse_constant=str)

    try:
        decoded.documents.append((where, load(text)))
    except RecursionError:
        decoded.skipped.append(Skipped(where, "JSON nested too deeply", "some tens of levels"))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if not where else f"{where}, column {error.colno}"
        decoded.skipped.append(Skipped(place, _words(error, text), _BROKEN))
        with suppress(ValueError, RecursionError):
            if (whole := _complete_part(text[: error.pos])) is not None:
                decoded.documents.append((where, load(whole)))
    except ValueError:
        decoded.skipped.append(Skipped(where, "a number with thousands of digits", "a number"))
    decoded.skipped += [
        Skipped(where or "JSON", f"the key {key!r} twice with different values in one object", "once (neither is used)")
        for key in sorted(twice)
    ]


def _words(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "JSON that breaks off"
    return f"JSON that cannot be read ({error.msg})"


def _complete_part(text: str) -> str | None:
    """`text` cut after its last complete patient, event or entry, with the open brackets closed; None if there is none.

    Only there: a resource cut anywhere else would look complete while it is not.
    """
    stack: list[tuple[str, bool]] = []
    last, cut = "", None
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in "[{":
            stack.append((mark, mark == "[" and (not stack or (stack[-1][0] == "{" and last in _LISTS_OF_WHOLES))))
        elif mark in "]}":
            if stack:
                stack.pop()
            if stack and stack[-1][1]:
                cut = text[: match.end()] + "".join("]" if opened == "[" else "}" for opened, _ in reversed(stack))
        else:
            last = mark
    return cut
