"""Who acts: a person of the clinic, a patient by a link, or the clinic's own worker."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """`id` names one actor in the audit: a user's number, a link's id, a job's name. Never a patient's name."""

    kind: Literal["person", "link", "system"]
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def system(job: str) -> Actor:
    """The clinic's own worker, doing `job`."""
    return Actor("system", job)
