"""Whole words in a free text: how a name in a record is held against the words of the catalog, in every room."""

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """A text as whole words are looked for in it: lower case, everything else one space, a space at both ends."""
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "


def names_any(words: Iterable[str], text: str) -> bool:
    """Whether a text has one of the words as a whole word; hyphens and case do not matter."""
    said = plain(text)
    return any(plain(word) in said for word in words)
