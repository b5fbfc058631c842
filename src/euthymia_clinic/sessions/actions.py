"""Everything that may be done to a session sheet. Each action is one transaction with its audit entry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from euthymia.events import EventBase
from euthymia.session_sheet import events_of
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import record_events
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.snapshots import refresh_soon, today_of
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.sessions.checking import Refused, checked
from euthymia_clinic.sessions.models import Sheet, SheetEntry
from euthymia_clinic.sessions.permissions import check_attend, may_answer_for
from euthymia_clinic.sessions.protocols import protocol_of
from euthymia_clinic.sessions.saying import Said, timed
from euthymia_clinic.sessions.standing import Asked, asked_of, core_entry, standing_of

LONGEST_REASON = 1_000
_TICK = timedelta(microseconds=1)


class SheetError(ValueError):
    """What cannot be done with a sheet: says what was found and what is allowed."""


@action("session.opened")
def open_sheet(actor: Actor, /, here: Here, patient: Patient, *, again: bool = False) -> tuple[Sheet, bool]:
    """Open the sheet of today's session; where there is one of today already, that one. Gives it, and whether it is new.

    `again`: another one today, although one has been closed. Raises Forbidden, and SheetError where no protocol is in force.
    """
    check_attend(here, patient)
    locked = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)
    today = today_of(locked)
    of_today = locked.sheets.filter(day=today).order_by("opened_at").select_related("opened_by")
    standing = of_today.last() or _from_before_midnight(locked, today)
    if standing is not None and (standing.is_open or not again):
        nothing_changed()
        return standing, False
    protocol = protocol_of(record_of(locked), catalog_of(locked.site), today)
    if protocol is None:
        raise SheetError("found no plan whose doses are watched; allowed: a plan with a protocol of ketamine or esketamine, recorded first")
    sheet = Sheet.objects.create(patient=locked, day=today, protocol=protocol, opened_by=here.user)
    told(locked.subject, sheet=str(sheet.pk), protocol=protocol)
    return sheet, True


def _from_before_midnight(patient: Patient, today: date) -> Sheet | None:
    """The sheet of a dose that began yesterday evening and goes on; None: there is none."""
    evening = patient.sheets.filter(day=today - timedelta(days=1), ending=Sheet.Ending.OPEN).select_related("opened_by").first()
    standing = standing_of(evening, timezone.now()) if evening else None
    goes_on = standing and standing.started is not None and standing.ended is None and not standing.without_end
    return evening if goes_on else None


@action("session.entered")
def keep_entries(
    actor: Actor, /, here: Here, sheet: Sheet, said: Sequence[Said], *, sent_at: datetime, arrived: datetime
) -> tuple[list[str], list[Refused]]:
    """Keep entries in the order in which they come; what stands already is kept once. Gives the ids kept, and what was refused.

    `sent_at`: when the device said that it sent them, `arrived`: when they did. What is kept becomes events of the record, known
    from its arrival on. Raises Forbidden.
    """
    check_attend(here, sheet.patient)
    patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=sheet.patient_id)
    asked = asked_of(Sheet.objects.select_related("patient__site").get(pk=sheet.pk))
    before = list(asked.row.entries.select_related("by").order_by("arrived_at"))
    new, again, refused = _sorted(here, asked, before, said, sent_at, arrived)
    kept = [str(each) for each in (*again, *(row.pk for row in new))]
    if not new:
        nothing_changed()
        return kept, refused
    _record(actor, patient, asked, before, new)
    told(patient.subject, sheet=str(sheet.pk), entries=len(new), late=sum(entry.late for entry in new), refused=len(refused))
    return kept, refused


@action("session.signed")
def sign_off(actor: Actor, /, here: Here, sheet: Sheet, *, reason: str = "") -> Sheet:
    """Sign a sheet; while something required is open, only with a reason and by a prescriber. A second press changes nothing.

    Raises Forbidden, SheetError.
    """
    check_attend(here, sheet.patient)
    locked = _locked(sheet)
    if not locked.is_open:
        nothing_changed()
        return locked
    now = timezone.now()
    missing, words = standing_of(locked, now).missing("sign_off"), reason.strip()
    if missing and not may_answer_for(here, locked.patient):
        raise SheetError(f"found {_named(missing)}; allowed: signing when nothing is open, or by a prescriber with a reason")
    if missing and not _is_reason(words):
        raise SheetError(f"found {_named(missing)}, and no reason; allowed: a reason of 1 to {LONGEST_REASON} characters")
    return _closed(here, locked, Sheet.Ending.OVERRIDDEN if missing else Sheet.Ending.SIGNED, words if missing else "", now, missing)


@action("session.without_end")
def close_without_end(actor: Actor, /, here: Here, sheet: Sheet, reason: str) -> Sheet:
    """Close a sheet of whose session nobody recorded an end, with the reason; none is invented. Raises Forbidden, SheetError."""
    check_attend(here, sheet.patient)
    locked = _locked(sheet)
    if not locked.is_open:
        nothing_changed()
        return locked
    now, words = timezone.now(), reason.strip()
    standing = standing_of(locked, now)
    if standing.ended is not None:
        raise SheetError("found a session that has an end; allowed: signing its sheet")
    if not _is_reason(words):
        raise SheetError(f"found no reason; allowed: why there is no end, in 1 to {LONGEST_REASON} characters")
    return _closed(here, locked, Sheet.Ending.WITHOUT_END, words, now, standing.missing("sign_off"))


def _sorted(
    here: Here, asked: Asked, before: Sequence[SheetEntry], said: Sequence[Said], sent_at: datetime, arrived: datetime
) -> tuple[list[SheetEntry], list[UUID], list[Refused]]:
    """What is new and kept, what stands already, and what is refused."""
    there = {row.pk: row for row in SheetEntry.objects.filter(pk__in=[each.id for each in said])}
    new: list[SheetEntry] = []
    again: list[UUID] = []
    refused: list[Refused] = []
    for each in said:
        row = _row(here, asked, each, sent_at, arrived, after=[*before, *new])
        stands = there.get(each.id) or next((other for other in new if other.pk == each.id), None)
        if stands is not None:
            # The value tells that it is the same (a form without a script says no time of its own); of an instant, its time does.
            same = (stands.sheet_id, stands.field) == (row.sheet_id, row.field)
            same = same and (stands.value == row.value or (stands.said_at == row.said_at and _is_instant(asked, row.field)))
            again += [each.id] if same else []
            refused += [] if same else [Refused(str(each.id), each.field, "another entry with this id", "an entry with an id of its own")]
        elif trouble := checked(asked, here, [*before, *new], row, each):
            refused.append(trouble)
            # Of a reading whose two numbers do not go together, neither is kept.
            partner = next((o for o in new if o.field == trouble.together_with and o.measured_at == row.measured_at), None)
            if partner is not None:
                new.remove(partner)
                refused.append(replace(trouble, id=str(partner.pk), field=partner.field))
        else:
            new.append(row)
    return new, again, refused


def _row(here: Here, asked: Asked, said: Said, sent_at: datetime, arrived: datetime, after: Sequence[SheetEntry]) -> SheetEntry:
    """The row of an entry as it would be kept: its time by our clock, and its place after everything that has arrived."""
    allowed = asked.core.tolerances
    when = timed(said, sent_at, arrived, timedelta(minutes=allowed.clock_minutes), timedelta(minutes=allowed.late_minutes))
    arrived_at = max(arrived, after[-1].arrived_at + _TICK) if after else arrived
    # An instant is the time that the entry was given, set right like every other.
    value = when.measured_at.isoformat() if _is_instant(asked, said.field) and said.value else said.value
    return SheetEntry(
        id=said.id,
        sheet=asked.row,
        field=said.field,
        value=value,
        measured_at=when.measured_at,
        said_at=said.at,
        arrived_at=arrived_at,
        offset_seconds=round(when.offset.total_seconds(), 3),
        late=when.late or not asked.row.is_open,
        chosen_time=said.chosen_time,
        confirmed=said.confirmed,
        replaces=_holding(after, said.replaces),
        by=here.user,
    )


def _is_instant(asked: Asked, field_id: str) -> bool:
    field = asked.core.field(field_id)
    return field is not None and field.input == "instant"


def _holding(entries: Sequence[SheetEntry], replaced: UUID | None) -> UUID | None:
    """The entry that a correction takes the place of: what two people correct at once is corrected twice in a row, and never doubled."""
    for entry in entries:
        if replaced is not None and entry.replaces == replaced:
            replaced = entry.pk
    return replaced


def _record(actor: Actor, patient: Patient, asked: Asked, before: Sequence[SheetEntry], new: Sequence[SheetEntry]) -> None:
    """Make the events of new entries, write both; the review waits for the worker, so that a busy sheet is not reviewed with each."""
    core = [core_entry(entry) for entry in (*before, *new)]
    known = {event.id for event in events_of(asked.catalog, asked.core, core[: len(before)])}
    made: list[EventBase] = []
    for place, entry in enumerate(new, start=len(before) + 1):
        here_made = [event for event in events_of(asked.catalog, asked.core, core[:place]) if event.id not in known]
        known |= {event.id for event in here_made}
        entry.events = [event.id for event in here_made]
        made += here_made
    for entry in new:
        entry.save()
    record_events(actor, patient, made, review_now=False)


def _closed(here: Here, sheet: Sheet, ending: Sheet.Ending, reason: str, now: datetime, missing: Sequence[str]) -> Sheet:
    sheet.ending, sheet.reason, sheet.closed_by, sheet.closed_at = ending, reason, here.user, now
    sheet.save(update_fields=["ending", "reason", "closed_by", "closed_at"])
    told(sheet.patient.subject, sheet=str(sheet.pk), ending=ending.value, missing=len(missing))
    transaction.on_commit(partial(refresh_soon, sheet.patient_id), robust=True)
    return sheet


def _locked(sheet: Sheet) -> Sheet:
    """The sheet with its patient's row locked, as everything that writes to the record does."""
    Patient.objects.select_for_update().get(pk=sheet.patient_id)
    return Sheet.objects.select_related("patient__site", "opened_by", "closed_by").get(pk=sheet.pk)


def _named(missing: Sequence[str]) -> str:
    return f"{len(missing)} still open ({'; '.join(missing[:3])}{'; …' if len(missing) > 3 else ''})"


def _is_reason(words: str) -> bool:
    # A sign that nobody sees, or a dash, is no reason.
    return any(map(str.isalnum, words)) and len(words) <= LONGEST_REASON
