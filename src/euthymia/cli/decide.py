"""`euthymia decide`: a decision, recorded with the review that it answers."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euthymia.cli.asking import Site, catalog_of, decided_at, plain_errors, stop, tell
from euthymia.events import Disposition

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.events import Decision
    from euthymia.options import OptionView
    from euthymia.record import PatientRecord
    from euthymia.reviewing import Review


def decide(
    record: Annotated[Path, typer.Argument(help="A file of native JSON; the decision is added to it.")],
    disposition: Annotated[Disposition, typer.Option(help="What was decided.")],
    reason: Annotated[str | None, typer.Option(help="Why, in words. 'continue' needs it.")] = None,
    reason_code: Annotated[str | None, typer.Option(help="Why, by the site's list of reasons.")] = None,
    by: Annotated[str | None, typer.Option(help="Who decided: a role or an identifier.")] = None,
    option: Annotated[str | None, typer.Option(help="The id of the option that was chosen.")] = None,
    next_day: Annotated[str | None, typer.Option("--next", help="When to look again: 2026-04-01.")] = None,
    patient_reason: Annotated[str | None, typer.Option(help="Hold by agreement: why the patient chooses it.")] = None,
    offered: Annotated[list[str] | None, typer.Option(help="Hold by agreement: what was offered; may be said several times.")] = None,
    second_opinion: Annotated[str | None, typer.Option(help="Whose second opinion was asked, and when.")] = None,
    at: Annotated[str | None, typer.Option(help="When it was decided: an instant with its offset, or a day.")] = None,
    on: Annotated[str, typer.Option(help="The day decided upon: 2026-03-01, today, or last (the day of the last event).")] = "today",
    patient: Annotated[str | None, typer.Option(help="Which patient, where the file holds several.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the one that was read.")] = None,
    site: Site = None,
) -> None:
    """Record a decision in a patient's file, with the review that it answers. The same decision twice changes nothing."""
    with plain_errors():
        from euthymia.deciding import DecisionError, new_decision, with_reason

        catalog = catalog_of(site)
        text, known = _read(record, patient, catalog)
        moment, recorded = decided_at(at, on, known.last_day(), known.zone)
        said = {
            "disposition": disposition,
            "reason": with_reason(catalog, reason, reason_code),
            "reason_code": reason_code,
            "by": by,
            "option": option,
            "next_decision": next_day,
            "patient_reason": patient_reason,
            "offered": tuple(offered or ()),
            "second_opinion": second_opinion,
        }
        try:
            decision = new_decision(known.patient_id, moment, known.zone, recorded, **said)
        except DecisionError as refused:
            stop(str(refused))
        _record(decision, known, catalog, text, (record, out or record))


def _record(decision: "Decision", known: "PatientRecord", catalog: "Catalog", text: str, paths: tuple[Path, Path]) -> None:
    """Check the decision against the site's rules, name the review that it answers, and write it."""
    from euthymia.deciding import objections
    from euthymia.reviewing import review_answered, review_digest

    if any(event.id == decision.id for event in known.events):
        typer.echo("This decision is already recorded; nothing was changed.")
        return
    answered = review_answered(known, decision, catalog)
    if refused := objections(decision, answered.decisions, answered.verdict.status, catalog, known.zone):
        stop("\n".join(refused))
    decision = decision.model_copy(update={"answers_review": review_digest(answered)})
    _write(text, known.patient_id, decision, *paths)
    for line in _said(decision, answered, known, catalog):
        typer.echo(line)
    typer.echo(f"Recorded as {decision.id} in {paths[1]}.")


def _read(path: Path, patient: str | None, catalog: "Catalog") -> "tuple[str, PatientRecord]":
    """The text of the file and the record of the patient in it."""
    from euthymia.interop.result import ReadError
    from euthymia.reading import read_many

    if path.is_dir():
        raise ReadError(f"{path.name}: found a folder; allowed: one file of native JSON")
    readings = read_many(path, catalog=catalog)
    found = [r.record for r in readings if patient is None or r.record.patient_id == patient]
    if len(found) != 1:
        what = f"no patient {patient!r}" if patient else f"{len(found)} patients"
        raise ReadError(f"{path.name}: found {what}; allowed: --patient with one of the {len(readings)} patients in it")
    for note in (note for reading in readings for note in reading.skipped):
        tell(f"skipped: {note}")
    return path.read_bytes().decode("utf-8"), found[0]


def _said(decision: "Decision", answered: "Review", known: "PatientRecord", catalog: "Catalog") -> list[str]:
    """What was decided, why, what held it back in the review that it answers, and when we look again."""
    from euthymia.decisions import decisions
    from euthymia.moment import day_in_words
    from euthymia.record import PatientRecord

    made = PatientRecord(patient_id=known.patient_id, events=(*known.known_before(decision).events, decision)).until(answered.on)
    due = decisions(made, answered.episode, answered.position, answered.verdict, answered.rules, catalog, answered.on).due
    why = decision.reason or decision.patient_reason
    who = f" by {decision.by}" if decision.by else " (who decided is not recorded: --by)"
    what = decision.disposition.replace("_", " ") + (f" — {why}" if why else "")
    return [
        f"Decided on {day_in_words(decision.at.day(known.zone))}{who}: {what}.",
        f"It answers the review {(decision.answers_review or '')[:12]}: {answered.answer.sentence}",
        *(f"Held back in that review: {view.name}: {view.blocked_by[0]}" for view in answered.options.withheld if _is_of(view, decision)),
        f"We look again by {day_in_words(due.by)} ({due.since[0]})." if due else "No day to look again is known: record a plan.",
    ]


def _is_of(view: "OptionView", decision: "Decision") -> bool:
    """Whether an option is the one that was chosen; without one, whether it is of the same kind of decision."""
    return view.id == decision.option if decision.option else view.disposition == decision.disposition


def _write(text: str, patient_id: str, decision: "Decision", source: Path, target: Path) -> None:
    """Put the event into the text and the text in the place of the file, all or nothing."""
    from euthymia.interop.appending import appended
    from euthymia.interop.native_json import from_json
    from euthymia.interop.result import ReadError

    event = {"kind": "decision", **decision.model_dump(mode="json", exclude_defaults=True)}
    try:
        new = appended(text, patient_id, event)
    except ReadError as error:
        raise ReadError(f"{source.name}: {error}") from None
    if not any(decision in reading.record.events for reading in from_json(new.removeprefix("\ufeff"))):
        raise ReadError(f"{source.name}: found a file to which nothing can be added safely; allowed: native JSON that is read in full")
    if source.read_bytes().decode("utf-8") != text:
        raise ReadError(f"{source.name}: found a file that has changed in the meantime; allowed: the same command again")
    place = target.resolve()
    if place.is_dir():
        raise ReadError(f"{target}: found a folder; allowed: a file")
    if place.exists() and not place.stat().st_mode & 0o222:
        raise ReadError(f"{target}: found a file that may only be read; allowed: --out with another file, or the right to write it")
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, (place if place.exists() else source).stat().st_mode & 0o777)
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
