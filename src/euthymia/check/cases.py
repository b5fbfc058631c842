"""What every case file shares: a name that says what is proved, and a report in plain words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from euthymia.knowledge_file import CatalogError


class Case(BaseModel):
    """One case: what goes in, and what must come out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    name: str = Field(description="What it proves.")


class CaseFile(BaseModel):
    """The cases of one knowledge file; a kind says of which cases."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class FileReport:
    """One case file: how many cases ran, and what is wrong, in plain words."""

    name: str
    cases: int
    failures: tuple[str, ...]


def find(name: str, folders: Sequence[Path]) -> Path:
    """The case file, the site's own first. Raises CatalogError where there is none."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise CatalogError(f"{name}: found no such file; allowed: one beside every knowledge file that has an edge")


def twice(cases: Iterable[Case]) -> Iterator[str]:
    """Names that two cases have."""
    names = [case.name for case in cases]
    yield from (f"found the case {name!r} twice" for name in sorted({n for n in names if names.count(n) > 1}))


def same(a: float, b: float) -> bool:
    """Whether two scores are one."""
    return abs(a - b) < 1e-9
