"""Options: every case read, each option listed and not listed, both sides of every count of trials and every need asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.option import PLATEAU, Listing, Option, VerdictStatus
from euthymia.options.listing import Situation, listing, row_holds, unmet


class OptionCase(Case):
    """A situation, and what becomes of one option: offered, withheld (with words of what holds it back), or not listed."""

    option: str
    status: VerdictStatus
    trials: int = 0
    unsettled: int = 0
    holds: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    becomes: Literal["offered", "withheld", "not_listed"]
    held_by: str | None = Field(None, description="Words of what holds it back.")

    @property
    def situation(self) -> Situation:
        return Situation(self.status, self.trials, self.unsettled, frozenset(self.holds), frozenset(self.unknown))


class OptionCases(CaseFile):
    """The cases of one file of options."""

    cases: tuple[OptionCase, ...] = Field(min_length=1)


def option_files(catalog: Catalog, folders: Sequence[Path]) -> Iterator[FileReport]:
    """The report of every file of options, by the names of its case files."""
    for name, file in catalog.option_files.items():
        options = {option.id: option for option in file.options}
        yield _option_file(options, f"options/{name}.cases.toml", _circumstances(catalog), folders)


def _option_file(options: dict[str, Option], name: str, known: set[str], folders: Sequence[Path]) -> FileReport:
    try:
        cases = read_knowledge(find(name, folders), OptionCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(options, case, known)]
    missing = [line for option in options.values() for line in _uncovered(option, [c for c in cases if c.option == option.id])]
    return FileReport(name, len(cases), (*wrong, *twice(cases), *missing))


def _circumstances(catalog: Catalog) -> set[str]:
    named = {name for option in catalog.options.values() for _, name in option.circumstances()}
    return named | {each.id for each in catalog.looking.looked}


def _problems(options: dict[str, Option], case: OptionCase, known: set[str]) -> Iterator[str]:
    if case.option not in options:
        yield f"found the option {case.option!r}; allowed: {', '.join(options)}"
        return
    if strange := sorted({*case.holds, *case.unknown} - known):
        yield f"found the circumstances {', '.join(strange)}; allowed: what options are listed by"
    if both := sorted({*case.holds} & {*case.unknown}):
        yield f"found {', '.join(both)} in `holds` and in `unknown`; allowed: in one of them"
    became, held = what_becomes(options[case.option], case.situation)
    if became != case.becomes:
        yield f"expected {case.becomes}, found {became}{f': {held}' if held else ''}"
    elif case.held_by is not None and case.held_by not in held:
        yield f"expected to be held by {case.held_by!r}, found {held!r}"


def what_becomes(option: Option, situation: Situation) -> tuple[Literal["offered", "withheld", "not_listed"], str]:
    """Offered, withheld or not listed by the option's own conditions; and the words that hold it back."""
    if listing(option, situation) is None:
        return "not_listed", ""
    held = "; ".join(words for _, words in unmet(option, situation))
    return ("withheld", held) if held else ("offered", "")


def _uncovered(option: Option, cases: Sequence[OptionCase]) -> Iterator[str]:
    """What no case shows. The cases are believed here: whether they hold was asked before."""
    for wanted in ("offered", "not_listed"):
        if not any(case.becomes == wanted for case in cases):
            yield f"{option.id}: no case in which it is {wanted.replace('_', ' ')}"
    for place, row in enumerate(option.listed_when, 1):
        yield from (f"{option.id}: row {place}: {line}" for line in _uncovered_row(row, cases))
    yield from _uncovered_needs(option, cases)


def _uncovered_row(row: Listing, cases: Sequence[OptionCase]) -> Iterator[str]:
    """Statuses without a case, counts of trials without both sides, circumstances that no case is without (or with)."""
    here = [case for case in cases if row_holds(row, case.situation)]
    apart = [case for case in cases if not row_holds(row, case.situation)]
    statuses = {"plateau" if case.status in PLATEAU and "plateau" in row.statuses else case.status for case in here}
    if lacking := sorted({*row.statuses} - statuses):
        yield f"no case of {', '.join(lacking)}"
    least = row.trials_at_least
    if least is not None and not any(case.trials + case.unsettled == least for case in here):
        yield f"no case at {least} trials without response"
    if least is not None and not any(case.trials + case.unsettled == least - 1 for case in apart):
        yield f"no case at {least - 1} trials without response, where it is not listed"
    if row.trials_at_most is not None and not {row.trials_at_most, row.trials_at_most + 1} <= {case.trials for case in cases}:
        yield f"no case on both sides of {row.trials_at_most} trials without response"
    yield from (f"no case without {name}" for name in row.holds if all(name in case.holds for case in apart))
    yield from (f"no case with {name}" for name in row.not_when if not any(name in case.holds for case in apart))


def _uncovered_needs(option: Option, cases: Sequence[OptionCase]) -> Iterator[str]:
    """Every need, known the wrong way and (where that holds it back) not known."""
    held = [case for case in cases if case.becomes == "withheld" and case.held_by]
    for need in option.needs:
        for words in (need.otherwise, need.unknown):
            if words is not None and not any(case.held_by and case.held_by in words for case in held):
                yield f"{option.id}: no case held back by “{words}”"
