"""A titration as the page and the terminal say it: one row a dose, what holds a higher one back, what speaks against it."""

from collections.abc import Iterator
from dataclasses import dataclass

from euthymia.options import InTheWay
from euthymia.report.words import number, printable, short_day
from euthymia.reviewing import Review
from euthymia.titration import DoseLevel, DoseList, Response, Titration, Tolerability

_INCREASE = {
    "possible": ("○", "Possible", "nothing that is recorded holds the next step back; whether it is wanted is the prescriber's decision"),
    "not_now": ("■", "Not now", "what holds it back stands here, and what would settle it"),
    "cannot_tell": ("?", "Cannot tell", "whether a step is left is not known"),
    "none": ("—", "No step left", "there is none inside the bounds"),
}


@dataclass(frozen=True)
class LevelRow:
    """One dose as a row of a table."""

    dose: str
    doses: str
    when: str
    response: tuple[str, ...]
    tolerability: tuple[str, ...]
    not_known: tuple[str, ...]


@dataclass(frozen=True)
class TitrationView:
    """Everything that is shown of a titration. `shape` and `answer`: whether the dose can be raised, `why` in half a sentence."""

    shape: str
    answer: str
    why: str
    step: str
    decided: str | None
    lists: tuple[tuple[str, tuple[LevelRow, ...]], ...]
    holds: tuple[str, ...]
    against: tuple[str, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


def titration_view(review: Review) -> TitrationView | None:
    """The titration of a review in words; None where there is none."""
    found = review.titration
    if found is None:
        return None
    shape, answer, why = _INCREASE[found.increase]
    return TitrationView(
        shape=shape,
        answer=answer,
        why=why,
        step=found.dose.words,
        decided=found.decided,
        lists=tuple((_title(each), tuple(_row(level) for level in each.levels)) for each in found.lists),
        holds=tuple(_held(each) for each in found.in_the_way if each.holds),
        against=tuple(_held(each) for each in found.in_the_way if not each.holds and each.known),
        unknown=tuple(each.question or each.words for each in found.in_the_way if not each.holds and not each.known),
        notes=tuple(_notes(found, review)),
    )


def titration_lines(review: Review) -> list[str]:
    """The same as lines."""
    view = titration_view(review)
    if view is None:
        return []
    lines = [f"a higher dose: {view.shape} {view.answer.lower()}: {view.why}", view.step]
    lines += [view.decided] if view.decided else []
    lines += [f"holds it back: {line}" for line in view.holds]
    lines += [f"speaks against it: {line}" for line in view.against]
    lines += [f"not known beside it: {'; '.join(view.unknown)}"] if view.unknown else []
    for title, rows in view.lists:
        lines += [f"{title}, {line}" for row in rows for line in _row_lines(row)]
    return [printable(line) for line in (*lines, *view.notes)]


def _row_lines(row: LevelRow) -> Iterator[str]:
    yield f"{row.dose}, {row.doses}, {row.when}: {'; '.join((*row.response, *row.tolerability)) or 'nothing recorded'}"
    if row.not_known:
        yield f"{row.dose}, not known: {'; '.join(row.not_known)}"


def _title(found: DoseList) -> str:
    return f"{found.drug}, {found.route or 'route not recorded'}"


def _row(level: DoseLevel) -> LevelRow:
    return LevelRow(
        dose=dose_words(level),
        doses=_doses(level),
        when=short_day(level.first) if level.first == level.last else f"{short_day(level.first)} – {short_day(level.last)}",
        response=tuple(_response(level.response)) if level.response else (),
        tolerability=tuple(_tolerability(level.tolerability, level)),
        not_known=level.not_known,
    )


def dose_words(level: DoseLevel) -> str:
    """The dose of a level: 56 mg; 0.48 to 0.51 mg/kg; not recorded."""
    if level.low is None or level.high is None:
        return "amount not recorded"
    low, high = f"{level.low:g}", f"{level.high:g}"
    return f"{low} {level.unit}" if low == high else f"{low} to {high} {level.unit}"


def _doses(level: DoseLevel) -> str:
    count = f"{level.doses} {'dose' if level.doses == 1 else 'doses'}"
    if level.at_home == level.doses:
        return f"{count} at home"
    return f"{count}, {level.at_home} of them at home" if level.at_home else count


def _response(found: Response) -> Iterator[str]:
    ratings = "1 rating" if found.ratings == 1 else f"{found.ratings} ratings"
    course = f"{number(found.first.total)} ({short_day(found.first.day)})"
    course += f" to {number(found.last.total)} ({short_day(found.last.day)})" if found.ratings > 1 else ""
    yield f"{found.instrument} {course}, {ratings}"
    if found.change is not None and found.before is not None:
        moved = "no change" if found.change == 0 else f"{number(abs(found.change))} points {'better' if found.change > 0 else 'worse'}"
        yield (
            f"{moved} than {number(found.before.total)} before it"
            if found.change
            else f"{moved} from {number(found.before.total)} before it"
        )
    if found.percent_since_index is not None:
        share = found.percent_since_index
        yield f"{abs(share):.0f} % {'below' if share >= 0 else 'above'} the start"
    if found.beside:
        yield f"confounded, in the same time: {', '.join(found.beside)}"


def _tolerability(found: Tolerability, level: DoseLevel) -> Iterator[str]:
    if found.cadss6 is not None:
        yield f"CADSS-6 up to {number(found.cadss6)}"
    rises = [None if rise is None else f"{number(rise)}" for rise in (found.systolic_rise, found.diastolic_rise)]
    if any(rises):
        yield f"blood pressure up by {rises[0] or 'not known'} / {rises[1] or 'not known'} mm Hg at its peak"
    if found.moaas is not None:
        yield f"MOAA/S down to {number(found.moaas)}"
    if found.oxygen_saturation is not None:
        yield f"oxygen saturation down to {number(found.oxygen_saturation)} %"
    for words, count in found.observed:
        yield f"{words} in {count} of {level.doses - level.at_home}"
    if found.burden is not None:
        yield f"FIBSER burden {number(found.burden.total)} ({short_day(found.burden.day)})"
    if found.effects_minutes is not None:
        yield f"effects up to {number(found.effects_minutes)} minutes at home"
    if found.worrying:
        yield f"something worrying at {found.worrying} of {level.at_home} doses at home"


def _held(each: InTheWay) -> str:
    """What holds it back or speaks against it; then what it rests on, or what to do."""
    more = [*([each.rests_on] if each.rests_on else []), *(each.settle if each.known or not each.question else ())]
    return f"{each.words} — {'; '.join(more)}" if more else each.words


def _notes(found: Titration, review: Review) -> Iterator[str]:
    if found.increase == "possible" and not found.listed:
        yield f"raising the dose is not among the options now: {review.answer.words.lower()}"
    if len(found.lists) > 1:
        yield "doses of different drugs or routes are listed apart: they are never compared and never converted"
    yield from found.not_known
