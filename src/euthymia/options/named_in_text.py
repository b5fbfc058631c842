"""Whether a free text names a word, as a whole word, and does not deny it."""

import re
from functools import lru_cache

from euthymia.plain_words import plain

_DENIED = "(?:without|no|not|non|denies|never)"


def names(text: str, word: str) -> bool:
    """Whether `text` names `word` as a whole word; hyphens and case do not matter; "without psychotic symptoms" does not name it."""
    said = plain(text)
    return plain(word) in said and not _denial(word).search(said)


@lru_cache(maxsize=4096)
def _denial(word: str) -> re.Pattern[str]:
    return re.compile(rf" {_DENIED} (?:\w+ )?{re.escape(plain(word).strip())} ")
