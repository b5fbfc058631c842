"""Kleene's logic of three values: True, False, and None for "not known". What is not known decides only where it must."""

from collections.abc import Iterable

Truth = bool | None


def both(truths: Iterable[Truth]) -> Truth:
    """True where all are; False as soon as one is; otherwise not known."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        found = None if truth is None else found
    return found


def either(truths: Iterable[Truth]) -> Truth:
    """True as soon as one is; False where all are; otherwise not known."""
    found: Truth = False
    for truth in truths:
        if truth is True:
            return True
        found = None if truth is None else found
    return found


def negation(truth: Truth) -> Truth:
    """The other one; of not known, not known."""
    return None if truth is None else not truth
