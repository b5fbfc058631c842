"""Long CSV: one row an event, `patient_id, at, kind, …`, any field of the event by its name as a column.

Assessments come as `total`, as `item_1 … item_n` (an empty cell is a question not answered) or as `answers`
("2;2;;1"). Without `kind`, a row with an `instrument` and a total or answers is an assessment. Without `id`, the id
is derived from the content, so that importing twice changes nothing.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from euthymia.catalog import Catalog
from euthymia.events import EVENT_TYPES
from euthymia.interop.intake import Intake, read_event, shown
from euthymia.interop.result import ReadError, Reading
from euthymia.record import PatientRecord

_FIELDS = tuple(dict.fromkeys(name for event_type in EVENT_TYPES for name in event_type.model_fields))
_CODE = ("code_system", "code_code", "code_display")
_LISTS = ("answers", "weights", "offered", "weekdays")
_FIRST = ("patient_id", "kind", "at", "id")
COLUMNS = (*_FIRST, *(c for f in _FIELDS if f not in _FIRST for c in (_CODE if f == "code" else (f,))))
_KNOWN = frozenset((*COLUMNS, "code"))
_ITEM = re.compile(r"item_([1-9]\d{0,2})")
# When and from where an event became known is not what it says: these do not make another event of it.
_NOT_CONTENT = {"id", "recorded_at", "source"}

Cells = dict[str, str]


def from_csv(text: str, catalog: Catalog) -> list[Reading]:
    """Read long CSV: one reading per patient. Raises ReadError where the header has no `patient_id` or no `at`."""
    intake = Intake()
    gather(text, "", intake, catalog)
    return intake.readings()


def to_csv(records: Iterable[PatientRecord]) -> str:
    """Every event of every patient as one row; only the columns that are used."""
    rows = [
        {"patient_id": record.patient_id, **dict(_cells(event.model_dump(mode="json", exclude_none=True)))}
        for record in records
        for event in record.events
    ]
    used = {name for row in rows for name in row} | set(_FIRST)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [c for c in COLUMNS if c in used], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def gather(text: str, where: str, intake: Intake, catalog: Catalog) -> None:
    """Bring the rows of one CSV text into `intake`. `where` names the file. Raises ReadError."""
    before = f"{where}: " if where else ""
    rows = _rows(text, before, intake)
    header = [name.strip().lower() for name in next(rows, (0, []))[1]]
    if missing := [name for name in ("patient_id", "at") if name not in header]:
        raise ReadError(
            f"{before}found text whose first row has no column {' and no column '.join(missing)}; allowed: CSV with "
            "the columns patient_id, at, kind and the event's fields, or JSON (native, FHIR R4)"
        )
    for name in dict.fromkeys(header):
        if name not in _KNOWN and not _ITEM.fullmatch(name):
            found = f"the column {shown(name)} {'twice' if header.count(name) > 1 and name else ''}".rstrip()
            intake.skip(f"{before}row 1", found, "patient_id, item_1 … item_n and the names of an event's fields")
        elif header.count(name) > 1:
            raise ReadError(f"{before}row 1: found the column {name!r} twice; allowed: each once")
    for number, cells in rows:
        row = f"{before}row {number}"
        if len(cells) != len(header):
            intake.skip(row, f"{len(cells)} cells", f"{len(header)}, as in the first row")
        else:
            _event(dict(zip(header, map(str.strip, cells), strict=True)), row, intake, catalog)


def _rows(text: str, before: str, intake: Intake) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their number in a spreadsheet (1 = header)."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            intake.skip(f"{before}row {number}", f"a row that cannot be read ({error})", "CSV (RFC 4180)")
            continue
        if any(cell.strip() for cell in cells):
            yield number, cells


def _event(cells: Cells, row: str, intake: Intake, catalog: Catalog) -> None:
    patient_id = cells.pop("patient_id")
    if not patient_id:
        intake.skip(f"{row}, column patient_id", "nothing", "the patient's id")
        return
    items = {int(m.group(1)): cells.pop(name) for name in list(cells) if (m := _ITEM.fullmatch(name))}
    data: dict[str, Any] = {name: value for name, value in cells.items() if name in _KNOWN and value}
    numbers = {"total": data.get("total", ""), **{f"item_{number}": cell for number, cell in items.items()}}
    if misread := next((name for name, cell in numbers.items() if "_" in cell), None):
        # Python would read 1_2 as 12.
        intake.skip(f"{row}, column {misread}", shown(numbers[misread]), "a number")
        return
    try:
        _nest(data)
    except ValueError as error:
        intake.skip(f"{row}, column {error}", "JSON text that cannot be read", "a JSON list or object")
        return
    if (answers := _answers(items, data.get("instrument"), catalog)) is not None:
        if "answers" in data:
            intake.skip(f"{row}, column answers", "answers beside item columns", "one of the two (item columns hold)")
        data["answers"] = answers
    if "kind" not in data and "instrument" in data and ("total" in data or "answers" in data):
        data["kind"] = "assessment"
    if "id" not in data:
        data["id"] = derived_id(patient_id, data)
    intake.admit(patient_id, row, data, separator=", column ")


def _answers(items: Mapping[int, str], instrument_id: str | None, catalog: Catalog) -> list[str | None] | None:
    """The answers of the item columns: as many as the instrument has items, where it is known."""
    given = max((number for number, cell in items.items() if cell), default=0)
    if not given:
        return None
    instrument = catalog.instruments.get(instrument_id or "")
    # A file with several instruments has as many item columns as the longest of them.
    asked = len(instrument.items) if instrument and instrument.scoring.method != "goal_attainment" else 0
    return [items.get(number) or None for number in range(1, max(given, min(asked, max(items))) + 1)]


def derived_id(patient_id: str, data: Mapping[str, object]) -> str:
    """A stable id of an event that came without one: the same content always has the same."""
    event, _ = read_event({**data, "id": "-"})
    # Fields at their default are left out: a kind that is given another field keeps the ids of the rows that do not have it.
    said = event and {"kind": data["kind"], **event.model_dump(mode="json", exclude=_NOT_CONTENT, exclude_defaults=True)}
    content = said or data
    text = json.dumps([patient_id, content], sort_keys=True, default=str)
    return f"csv-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _nest(data: dict[str, Any]) -> None:
    """Cells to fields: `code_…` to one code, lists to lists. Raises ValueError with the column's name."""
    for name in (*_LISTS, "code"):
        if name in data:
            try:
                data[name] = _list(data[name]) if name in _LISTS else json.loads(data[name])
            except (ValueError, RecursionError):
                raise ValueError(name) from None
    parts = {name.removeprefix("code_"): data.pop(name) for name in _CODE if name in data}
    if parts:
        data.setdefault("code", parts)


def _list(cell: str) -> list[Any]:
    if cell.startswith("["):
        return list(json.loads(cell))
    return [part.strip() or None for part in cell.split(";")]


def _cells(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if name == "code":
            yield from ((f"code_{part}", inner) for part, inner in value.items())
        elif name in _LISTS:
            if value:
                yield name, _joined(value)
        elif value is not False or name != "entered_in_error":
            yield name, _cell(value)


def _joined(values: Sequence[Any]) -> str:
    """The values with ; between them; as JSON where that would not read back the same (a ; in a text)."""
    cells = ["" if value is None else _cell(value) for value in values]
    text = ";".join(cells)
    same = bool(text) and not text.startswith("[") and [cell or None for cell in cells] == _list(text)
    return text if same else json.dumps(values, ensure_ascii=False)


def _cell(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
