"""How the clinic writes: an action takes the actor first, and its audit entries are part of its transaction.

    @action("patient.admitted")
    def admit(actor: Actor, site: Site, …) -> Patient:
        …
        told(patient.subject, code=patient.code)
        return patient

Details name things (ids, digests, counts); what a patient answered does not stand in the audit. The digests of the
append-only rows that the action wrote are added by themselves, so that a later change of such a row is found (verify.py).
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction

from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.chain import append
from euthymia_clinic.audit.witness import take_rows, witnessing

P = ParamSpec("P")
R = TypeVar("R")
Told = tuple[str, dict[str, Any]]

_told: ContextVar[list[Told] | None] = ContextVar("told", default=None)
_NOTHING = "nothing changed"
# One entry stays small enough to read; an action that wrote more rows has more entries.
ROWS_IN_AN_ENTRY = 1_000


class UnauditedError(Exception):
    """An action ended without saying what it did."""


def action(name: str) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function an action: one transaction, and at its end the entries that it told, or an error if it told none."""

    def decorate(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @wraps(function)
        def act(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            entries: list[Told] = []
            token = _told.set(entries)
            try:
                with transaction.atomic(), witnessing():
                    result = function(actor, *args, **kwargs)
                    # Last, so that the end of the chain is locked for a moment only.
                    for subject, details in _whole(name, entries):
                        append(actor, name, subject, details)
            finally:
                _told.reset(token)
            return result

        act.action_name = name  # type: ignore[attr-defined]
        return act

    return decorate


def told(subject: str, **details: Any) -> None:
    """Say, inside an action, what it did to what."""
    _entries().append((subject, _with_rows(details)))


def nothing_changed() -> None:
    """Say, inside an action, that it had been done before: the same submission twice is one."""
    _entries().append((_NOTHING, {}))


def _entries() -> list[Told]:
    entries = _told.get()
    if entries is None:
        raise RuntimeError("found told() outside of an action; allowed: inside a function decorated with @action")
    return entries


def _whole(name: str, entries: list[Told]) -> list[Told]:
    """What is appended: every entry with the rows that belong to it. Raises UnauditedError."""
    if not entries:
        raise UnauditedError(f"{name}: found an action that told nothing; allowed: told(subject, …), or nothing_changed()")
    said, late = [entry for entry in entries if entry[0] is not _NOTHING], _with_rows({})
    if late and not said:
        raise UnauditedError(f"{name}: found rows written by an action in which nothing_changed(); allowed: told(subject, …)")
    if late:
        said.append((said[-1][0], late))
    return [(subject, part) for subject, details in said for part in _in_parts(details)]


def _with_rows(details: dict[str, Any]) -> dict[str, Any]:
    rows = take_rows()
    return {**details, "rows": rows} if rows else details


def _in_parts(details: dict[str, Any]) -> list[dict[str, Any]]:
    """The details, and where they hold very many rows, the rest of these on their own."""
    rows = [(label, row) for label, some in details.get("rows", {}).items() for row in some]
    if len(rows) <= ROWS_IN_AN_ENTRY:
        return [details]
    parts = []
    for start in range(0, len(rows), ROWS_IN_AN_ENTRY):
        by_label: dict[str, list[Any]] = {}
        for label, row in rows[start : start + ROWS_IN_AN_ENTRY]:
            by_label.setdefault(label, []).append(row)
        parts.append({**(details if start == 0 else {}), "rows": by_label})
    return parts
