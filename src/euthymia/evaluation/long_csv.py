"""Reading a long CSV of one instrument: one row a rating (or a session, or a change of protocol).

A file is read as a whole or refused: an evaluation on what is left of a half-read file would look like one on all of
it. Only rows without a total are left out, and counted. Messages name file, line and column, never a cell of a patient.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from euthymia.evaluation.cohort import Cohort, EvaluationError, Person, Scale
from euthymia.evaluation.columns import Columns, Places, Unit, find_columns

_MISSING = {"", ".", "-", "na", "n/a", "nan", "null", "none"}
_TRUE, _FALSE = {"1", "1.0", "yes", "y", "true", "t"}, {"", "0", "0.0", "no", "n", "false", "f", *_MISSING}
_SHOWN = 10
_PER_WEEK: dict[Unit, float] = {"weeks": 1.0, "days": 7.0, "dates": 7.0}


@dataclass
class _Gathered:
    """What the rows of one file say, by person. Times in the file's unit."""

    ratings: dict[str, dict[float, float]] = field(default_factory=dict)
    sessions: dict[str, set[float]] = field(default_factory=dict)
    changes: dict[str, set[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    without_total: int = 0
    other_instrument: int = 0
    off_step: int = 0


def read_long_csv(path: str | Path, scale: Scale, columns: Columns | None = None, instrument: str = "") -> Cohort:
    """Read the ratings of one instrument from a long CSV (UTF-8; comma, semicolon or tab).

    `columns` names the columns; those not named are found by common names where that is unambiguous. Where the file
    has a column `instrument`, only rows of `instrument` are read. Times become weeks since the earliest time of the
    file (dates: since the person's first row). Raises EvaluationError naming file, line, found and allowed.
    """
    path = Path(path)
    lines = _lines(path)
    _, header = next(lines, (0, []))
    places = find_columns(path.name, header, columns or Columns(), (instrument, scale.name))
    gathered = _Gathered()
    for number, cells in lines:
        if len(cells) != len(header):
            gathered.problems.append(f"{path.name}: line {number}: found {len(cells)} cells; allowed: {len(header)}, as in the first line")
        else:
            _row(dict(zip(header, map(str.strip, cells), strict=True)), places, scale, f"{path.name}: line {number}", gathered)
    if gathered.problems:
        more = len(gathered.problems) - _SHOWN
        shown = gathered.problems[:_SHOWN] + ([f"{path.name}: … and {more} more lines"] if more > 0 else [])
        raise EvaluationError("\n".join(shown))
    if not gathered.ratings:
        raise EvaluationError(f"{path.name}: found no rating in the column {places.total}; allowed: one row a rating, two or more a person")
    return _cohort(path, scale, places, gathered)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with the line of the file on which they end (1 = header)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path.name}: found byte {error.start} that is not UTF-8; allowed: CSV in UTF-8") from None
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    header = True
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells] if header else cells
                header = False
    except csv.Error as error:
        found = f"a row that cannot be read ({error})"
        raise EvaluationError(f"{path.name}: line {reader.line_num}: found {found}; allowed: CSV (RFC 4180)") from None


def _row(cells: Mapping[str, str], places: Places, scale: Scale, line: str, gathered: _Gathered) -> None:
    if places.instrument and cells[places.instrument].lower() != places.instrument_id:
        gathered.other_instrument += 1
        return
    try:
        person = _person(cells[places.person], f"{line}, column {places.person}")
        session = bool(places.session) and _truth(cells[places.session or ""], f"{line}, column {places.session}")
        change = bool(places.change) and _truth(cells[places.change or ""], f"{line}, column {places.change}")
        total = _total(cells[places.total], scale, f"{line}, column {places.total}")
        if total is None and not (session or change):
            gathered.without_total += 1
            return
        time = _time(cells[places.time], places.unit, f"{line}, column {places.time}")
    except EvaluationError as error:
        gathered.problems.append(str(error))
        return
    for happened, where in ((session, gathered.sessions), (change, gathered.changes)):
        if happened:
            where.setdefault(person, set()).add(time)
    if total is None:
        gathered.without_total += not (session or change)
    elif time in gathered.ratings.setdefault(person, {}):
        problem = "found a second rating of the same person at the same time; allowed: one"
        gathered.problems.append(f"{line}, columns {places.person} and {places.time}: {problem}")
    else:
        gathered.off_step += scale.on_grid(total) != total
        gathered.ratings[person][time] = scale.on_grid(total)


def _person(cell: str, place: str) -> str:
    if not cell:
        raise EvaluationError(f"{place}: found nothing; allowed: who was rated")
    return cell


def _truth(cell: str, place: str) -> bool:
    if cell.lower() in _TRUE:
        return True
    if cell.lower() in _FALSE:
        return False
    raise EvaluationError(f"{place}: found a word that is neither; allowed: 1, yes, true, or 0, no, false, empty")


def _total(cell: str, scale: Scale, place: str) -> float | None:
    if cell.lower() in _MISSING:
        return None
    total = _number(cell)
    if total is None:
        raise EvaluationError(f"{place}: found a text that is no number; allowed: a number, or empty")
    if not scale.low <= total <= scale.high:
        raise EvaluationError(f"{place}: found a total outside the range of {scale.name}; allowed: {scale.low:g} to {scale.high:g}")
    return total


def _time(cell: str, unit: Unit, place: str) -> float:
    if unit == "dates":
        try:
            return float((date if len(cell) <= len("2026-03-01") else datetime).fromisoformat(cell).toordinal())
        except ValueError:
            raise EvaluationError(f"{place}: found a text that is no date; allowed: dates such as 2026-03-01") from None
    time = _number(cell)
    if time is None:
        raise EvaluationError(f"{place}: found {'nothing' if not cell else 'a text that is no number'}; allowed: a number of {unit}")
    return time


def _number(cell: str) -> float | None:
    """Python would read 1_2 as 12, and inf and nan as numbers."""
    try:
        value = math.nan if "_" in cell else float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _cohort(path: Path, scale: Scale, places: Places, gathered: _Gathered) -> Cohort:
    per_week, notes = _PER_WEEK[places.unit], [places.words()]
    starts = {person: min(times) for person, times in gathered.ratings.items()}
    if places.unit != "dates":
        earliest = min(starts.values())
        starts = dict.fromkeys(starts, earliest)
        notes += [f"times count from {earliest:g} {places.unit}, the earliest of the file"] if earliest else []

    def weeks(times: Mapping[float, float] | set[float], person: str) -> list[float]:
        return [(time - starts[person]) / per_week for time in sorted(times)]

    people = tuple(
        Person(
            label=person,
            weeks=weeks(ratings, person),
            totals=[ratings[time] for time in sorted(ratings)],
            session_weeks=weeks(gathered.sessions.get(person, set()), person),
            change_weeks=weeks(gathered.changes.get(person, set()), person),
        )
        for person, ratings in sorted(gathered.ratings.items())
    )
    counts = {
        "rows without a total, left out": gathered.without_total,
        "rows of another instrument, left out": gathered.other_instrument,
        f"totals between two steps of {scale.step:g}, rounded": gathered.off_step,
        "people with sessions or changes but no rating, left out": len({*gathered.sessions, *gathered.changes} - set(gathered.ratings)),
    }
    notes += [f"{words}: {count}" for words, count in counts.items() if count]
    return Cohort(path.stem, scale, people, tuple(notes))
