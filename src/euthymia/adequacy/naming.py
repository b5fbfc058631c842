"""Which treatment does an entry name: by its words, else by its code? Whole words alone; nothing is guessed."""

from dataclasses import dataclass
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.events import Code
from euthymia.plain_words import plain
from euthymia.treatment import Treatment

_LONGEST_NAME = 6  # words in a name
_SYSTEMS = {"rxnorm": "rxnorm", "whocc": "atc", "2.16.840.1.113883.6.88": "rxnorm", "2.16.840.1.113883.6.73": "atc"}


@dataclass(frozen=True)
class Named:
    """What an entry names. `note`: what contradicts itself in it. `antidepressants`: ids, where it names several treatments."""

    state: Literal["known", "several", "unknown", "not_for_depression"]
    treatment: Treatment | None = None
    note: str | None = None
    antidepressants: tuple[str, ...] = ()


def named(catalog: Catalog, text: str, code: Code | None = None) -> Named:
    """The treatment that a text names; where the text names none, the code. Several names are none."""
    by_text, other = _in_text(catalog, text)
    by_code = _by_code(catalog, code)
    if len(by_text) > 1:
        note = f"names more than one treatment: {', '.join(sorted(t.name for t in by_text))}"
        return Named("several", note=note, antidepressants=tuple(t.id for t in by_text if t.kind == "antidepressant"))
    if by_text:
        found = by_text[0]
        said = f"the code says {by_code.name}, the text {found.name}: the text is used" if by_code and by_code != found else None
        return Named("known", found, said)
    if by_code:
        return Named("known", by_code)
    return Named("not_for_depression" if other or _other_by_code(catalog, code) else "unknown")


def _in_text(catalog: Catalog, text: str) -> tuple[list[Treatment], bool]:
    """The treatments that a text names (a name inside a longer one is not meant), and whether it names another drug."""
    tokens = plain(text).split()
    found: list[tuple[int, int, str | None]] = []
    for length in range(min(_LONGEST_NAME, len(tokens)), 0, -1):
        for first in range(len(tokens) - length + 1):
            last = first + length
            if any(a <= first and last <= b for a, b, _ in found):
                continue
            words = " ".join(tokens[first:last])
            found += [(first, last, name) for name in catalog.treatment_words.get(words, ())]
    ids = dict.fromkeys(name for _, _, name in found if name is not None)
    return [catalog.treatments[name] for name in ids], any(name is None for _, _, name in found)


def _by_code(catalog: Catalog, code: Code | None) -> Treatment | None:
    found = catalog.treatment_codes.get((_system(code), code.code.upper())) if code else None
    return catalog.treatments[found] if found else None


def _other_by_code(catalog: Catalog, code: Code | None) -> bool:
    """Whether an ATC code says that a drug is none for depression."""
    if code is None or _system(code) != "atc":
        return False
    return not code.code.lower().startswith(catalog.adequacy.depression_atc.words)


def _system(code: Code) -> str | None:
    return next((name for key, name in _SYSTEMS.items() if key in code.system.lower()), None)
