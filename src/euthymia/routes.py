"""How a route is written in a record, and which route it is: one table for every room that asks."""

from euthymia.plain_words import names_any, plain

_WORDS = {
    "nasal": ("nasal", "intranasal"),
    "intravenous": ("iv", "intravenous", "infusion"),
    "subcutaneous": ("sc", "subcutaneous"),
    "intramuscular": ("im", "intramuscular"),
    "sublingual": ("sublingual", "sl", "buccal"),
    "oral": ("oral", "po"),
}


def route_named(said: str | None) -> str | None:
    """The route that a text names; None where nobody said, or the words are not known here."""
    return next((route for route, words in _WORDS.items() if said and names_any(words, said)), None)


def same_route_key(said: str | None) -> str | None:
    """What two texts share that name one route: the known route, else the words themselves; None where nobody said."""
    return route_named(said) or (plain(said).strip() if said else None)
