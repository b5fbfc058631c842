"""What one source of a record answers to a looked-at item."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Answer:
    """Found, looked and not found, or only known; its day, in words. `standing`: it holds until it is ended, whatever its age."""

    state: Literal["present", "absent", "known"]
    day: date | None
    words: str
    standing: bool = False
