"""Which column is which: by option, else by a common name where exactly one column has one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from euthymia.evaluation.cohort import EvaluationError

Unit = Literal["weeks", "days", "dates"]
_PERSON = ("person", "patient", "participant", "subject", "id", "person_id", "patient_id", "participant_id", "subject_id")
_TIMES: dict[str, Unit | None] = {
    **dict.fromkeys(("week", "weeks", "elapsed_weeks", "time_weeks"), "weeks"),
    **dict.fromkeys(("day", "days", "elapsed_days", "time_days"), "days"),
    **dict.fromkeys(("at", "date"), "dates"),
    "time": None,
}
_TOTAL = ("total", "score", "total_score", "sum_score")


@dataclass(frozen=True)
class Columns:
    """The columns as a person names them; None = to be found. `session` and `change` are used only where named.

    `unit`: of the time column; None = as its name says.
    """

    person: str | None = None
    time: str | None = None
    total: str | None = None
    session: str | None = None
    change: str | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class Places:
    """The columns of one file, each by its name in the header. `instrument`: rows of another one are left out."""

    person: str
    time: str
    total: str
    session: str | None
    change: str | None
    unit: Unit
    instrument: str | None
    instrument_id: str

    def words(self) -> str:
        """What was taken for what, in one line."""
        more = "".join(f", {what} {name}" for what, name in (("session", self.session), ("change", self.change)) if name)
        return f"columns: person {self.person}, time {self.time} (in {self.unit}), total {self.total}{more}"


def find_columns(name: str, header: Sequence[str], columns: Columns, instrument_names: Sequence[str]) -> Places:
    """Find the columns of the file `name` in its `header`.

    `instrument_names` (id, short name): a column of that name holds totals. Raises EvaluationError.
    """
    # A file without a header begins with a patient: then nothing of the line may be said.
    if any(_DATUM.fullmatch(column) for column in header):
        raise EvaluationError(f"{name}: line 1: found numbers or dates where names should be; allowed: a header with each column once")
    twice = next((column for column in header if column and header.count(column) > 1), None)
    if not header or twice:
        found = f"the column {twice} twice" if twice else "nothing"
        raise EvaluationError(f"{name}: line 1: found {found}; allowed: a header with each column once")
    totals = [*_TOTAL, *instrument_names]
    time = _column(name, header, columns.time, "--time", list(_TIMES))
    instrument = next((column for column in header if column.lower() == "instrument"), None)
    return Places(
        person=_column(name, header, columns.person, "--person", _PERSON),
        time=time,
        total=_column(name, header, columns.total, "--total", totals),
        session=columns.session and _column(name, header, columns.session, "--session", ()),
        change=columns.change and _column(name, header, columns.change, "--change", ()),
        unit=columns.unit or _unit(name, time),
        instrument=instrument if instrument_names and instrument_names[0] else None,
        instrument_id=instrument_names[0].lower() if instrument_names else "",
    )


def _column(name: str, header: Sequence[str], given: str | None, option: str, common: Sequence[str]) -> str:
    every = f"one of {', '.join(header)}"
    if given is not None:
        exact = [column for column in header if column == given] or [column for column in header if column.lower() == given.lower()]
        if len(exact) != 1:
            raise EvaluationError(f"{name}: {option}: found {'no' if not exact else 'more than one'} column {given}; allowed: {every}")
        return exact[0]
    plain = {_plain(word) for word in common if word}
    found = [column for column in header if _plain(column) in plain]
    if len(found) != 1:
        said = f"several that may be it ({', '.join(found)})" if found else "no column with a common name for it"
        raise EvaluationError(f"{name}: line 1: found {said}; allowed: {option} with {every}")
    return found[0]


def _unit(name: str, time: str) -> Unit:
    known = next((unit for word, unit in _TIMES.items() if _plain(word) == _plain(time)), None)
    units: list[Unit] = [known] if known else [unit for unit in ("weeks", "days") if unit[:-1] in time.lower()]
    if len(units) != 1:
        found = f"a time column {time} whose name does not say its unit"
        raise EvaluationError(f"{name}: line 1: found {found}; allowed: --unit weeks, days or dates")
    return units[0]


_DATUM = re.compile(r"[-+]?[0-9][0-9.,:/ T+-]*")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
