"""Whether an entry is kept. What cannot be is refused; what looks wrong is asked about, and kept when somebody says that it is so."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from euthymia import session_sheet as core
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.sessions.models import SheetEntry
from euthymia_clinic.sessions.permissions import FOR_PRESCRIBERS, may_answer_for
from euthymia_clinic.sessions.saying import LONGEST_VALUE, YEARS, Said
from euthymia_clinic.sessions.standing import Asked, core_entry, with_new

# An entry that says that a step has been taken, and what the button says that keeps it although something is open.
STEPS = {"started_at": ("dose", "The dose has begun: start the clock"), "ended": ("leave", "The patient has left: keep the time")}
_MOST_NAMED = 4
_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Refused:
    """Why an entry was not kept. `asks`: it is kept when it is sent again as confirmed; `confirm`: the words of that button."""

    id: str
    field: str
    found: str
    allowed: str
    asks: bool = False
    confirm: str = ""
    together_with: str = ""

    def __str__(self) -> str:
        return f"found {self.found}; allowed: {self.allowed}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON for the page."""
        return asdict(self)


def checked(asked: Asked, here: Here, entries: Sequence[SheetEntry], row: SheetEntry, said: Said) -> Refused | None:
    """Why an entry is not kept; None: it is. `entries`: those kept so far."""
    if trouble := _misplaced(entries, row, said) or _gate_answered(asked, here, row):
        return trouble
    wrong, soon = _wrong(asked, entries, row), _too_soon(asked, entries, row)
    if wrong and wrong.asks and soon:
        return replace(wrong, found=f"{wrong.found}; {soon.found}", confirm=soon.confirm)
    return wrong or soon


def _misplaced(entries: Sequence[SheetEntry], row: SheetEntry, said: Said) -> Refused | None:
    """What is wrong with an entry whatever it says."""
    if len(row.value) > LONGEST_VALUE:
        return _refused(row, f"{len(row.value)} characters", f"at most {LONGEST_VALUE}")
    if not row.value and row.replaces is None:
        return _refused(row, "no answer", "an answer, or an entry that takes another back")
    if row.replaces is not None and not any(e.pk == row.replaces and e.field == row.field for e in entries):
        return _refused(row, "a correction of no entry of this field", "a correction of one that is on this sheet")
    if row.measured_at.year not in YEARS:
        return _refused(row, f"a time in the year {row.measured_at.year}", f"{YEARS.start} to {YEARS.stop - 1}")
    if said.chosen_time and said.at + timedelta(seconds=row.offset_seconds) > row.arrived_at + _SOON:
        return _refused(row, "a time to come", "now or earlier")
    return None


def _gate_answered(asked: Asked, here: Here, row: SheetEntry) -> Refused | None:
    """An explanation of a gate that can hold is a prescriber's, whether it holds already or will: what is said before counts then."""
    if core.gate_of(row.field) is None or may_answer_for(here, asked.row.patient):
        return None
    rules = [(each.id, rule) for each in asked.catalog.rules.values() for rule in each.rules if rule.severity in FOR_PRESCRIBERS]
    holds = any(row.field == core.gate_field(subject, rule.id) for subject, rule in rules)
    return _refused(row, f"{here.role.label}", "the explanation of a prescriber") if holds else None


def _wrong(asked: Asked, entries: Sequence[SheetEntry], row: SheetEntry) -> Refused | None:
    """What the core finds wrong with it beside the others."""
    said = [core_entry(entry) for entry in (*entries, row)]
    for problem in core.problems(asked.core, said, row.arrived_at):
        if problem.entry == str(row.pk) and (problem.answer == "refused" or problem.is_open):
            pair = next((pair for pair in asked.core.pairs if row.field in pair), ())
            other = next((field for field in pair if field != row.field), "") if problem.kind in ("swapped", "far_apart") else ""
            return _refused(row, problem.found, problem.allowed, asks=problem.answer == "confirm", together_with=other)
    return None


def _too_soon(asked: Asked, entries: Sequence[SheetEntry], row: SheetEntry) -> Refused | None:
    """A dose or a leaving while something is open is never taken silently; that it has happened is kept when somebody says so."""
    if row.field not in STEPS or row.confirmed or not row.value or row.replaces is not None:
        return None
    step, button = STEPS[row.field]
    # The gates of leaving are there once the dose has begun, and are asked as of the time at which the patient left.
    open_now = list(dict.fromkeys(item.words for item in with_new(asked, (*entries, row), row.arrived_at).open if item.step == step))
    if not open_now:
        return None
    named = "; ".join(words.split(": ")[0] if words.startswith("cannot tell") else words for words in open_now[:_MOST_NAMED])
    more = f" and {len(open_now) - _MOST_NAMED} more" if len(open_now) > _MOST_NAMED else ""
    found = f"still open: {named}{more}"
    return _refused(row, found, "when it is answered or explained, or has happened all the same", asks=True, confirm=button)


def _refused(row: SheetEntry, found: str, allowed: str, **more: Any) -> Refused:
    return Refused(str(row.pk), row.field, found, allowed, **more)
