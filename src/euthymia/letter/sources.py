"""The sources that a letter names by their ids, in full."""

import re
from collections.abc import Sequence

from euthymia.catalog import Catalog
from euthymia.letter.form import Section, plain

_SEEN = {
    "full": "read in full",
    "abstract": "seen as an abstract",
    "excerpt": "seen as an excerpt",
    "secondary": "seen through a secondary source",
    "not seen": "not seen",
}


def sources_section(sections: Sequence[Section], catalog: Catalog) -> list[Section]:
    """One line for every reference id that stands in the sections, with what of the source was read; none where none does."""
    said = " ".join(plain(words) for section in sections for words in section.texts())
    named = [found for found in dict.fromkeys(re.findall(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", said)) if found in catalog.references]
    if not named:
        return []
    lines = [(key, catalog.references[key]) for key in sorted(named)]
    notes = tuple((f"{key}: {found.citation} ({_SEEN[found.seen]}).",) for key, found in lines)
    return [Section("sources", "Sources", notes=notes)]
