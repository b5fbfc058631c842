"""Treatment resistance in a letter: by every definition with its reason, by stage, and what may pass for resistance.

The definition that the site's catalog names first leads. What the table of trials already leaves blank is not asked again.
"""

from collections.abc import Iterable, Iterator

from euthymia.letter.facts import Facts
from euthymia.letter.form import Blank, Field, Section, Words, listed, said, sentence
from euthymia.letter.trials import STATUS_WORDS
from euthymia.resistance import Resistance, Staging

_STATES = {"met": "met", "not_met": "not met", "cannot_tell": "cannot tell"}


def resistance_section(facts: Facts) -> Section:
    """The counts in one sentence, each definition and stage in one line, and what nobody has settled."""
    found = facts.history
    fields = [Field(_capital(each.name), _resistance(each, facts)) for each in found.resistance]
    fields += [Field(_capital(each.name), _staging(each, facts)) for each in found.staging]
    statuses = {each.status for each in found.resistance} | {each.status for each in found.staging}
    notes = ((f"† Rests on at least one number that has not been checked against its source. {STATUS_WORDS}",),)
    return Section(
        "resistance",
        "Treatment resistance",
        paragraphs=((sentence(found.sentence.split(". ")[0]),),) if found.sentence else (),
        fields=tuple(fields) or (Field("Treatment resistance", (Blank("no definition of it is in the catalog"),)),),
        points=tuple(_passing_for_resistance(facts)),
        notes=notes if statuses - {"verified"} else (),
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _resistance(each: Resistance, facts: Facts) -> Words:
    """State, the trials counted, the rule, and what would settle it; why each trial counts or not stands in their table."""
    names = {trial.id: trial.name for trial in facts.history.trials}
    counted = [names.get(trial, trial) for trial in each.counted]
    starts = tuple(f"{trial.name} (" for trial in facts.history.trials)
    reasons = [sentence(reason) for reason in each.reasons if not reason.startswith(starts)]
    by = f"; counted: {', '.join(counted)}" if counted else ""
    return said(" ".join((f"{_STATES[each.state]}{_mark(each)}{by}.", *reasons)), _missing(each.missing, facts))


def _staging(each: Staging, facts: Facts) -> Words:
    # A span stands for what the table leaves open; only what the table does not hold is said again.
    missing = _missing((what for what in each.missing if _trial(what, facts) is None), facts)
    if each.value is not None:
        return said(f"{each.value}{_mark(each)}.", missing)
    if each.lowest is not None and each.highest is not None:
        span = f"{each.lowest:g}" if each.lowest == each.highest else f"between {each.lowest:g} and {each.highest:g}"
        return said(f"{span}{_mark(each)}.", missing)
    return said(Blank(f"stage by {each.name}"), ".", missing)


def _mark(each: Resistance | Staging) -> str:
    return "" if each.status == "verified" else "†"


def _missing(missing: Iterable[str], facts: Facts) -> Words:
    """What would settle it. What is missing of a trial stands in the table: here only of which trials."""
    trials: dict[str, None] = {}
    others: list[Words] = []
    for what in missing:
        name = _trial(what, facts)
        if name is None:
            others.append((Blank(what),))
        else:
            trials[name] = None
    of_trials: list[Words] = [(Blank(f"what the table leaves open of {', '.join(trials)}"),)] if trials else []
    return said(" ", listed([*of_trials, *others], ", ")) if of_trials or others else ()


def _trial(missing: str, facts: Facts) -> str | None:
    """The trial of which something is missing; None where it is of none."""
    return next((trial.name for trial in facts.history.trials if missing.startswith(f"{trial.name}: ")), None)


def _passing_for_resistance(facts: Facts) -> Iterator[Words]:
    """What can make a treatment look as if it had not worked: what is present, then what nobody has settled."""
    found = facts.history.pseudo_resistance
    for each in found:
        if each.state == "present":
            yield (f"To be weighed before calling it resistance: {sentence(each.sentence)}",)
    unsettled = dict.fromkeys(each.id.replace("_", " ") for each in found if each.state == "cannot_tell")
    if unsettled:
        yield said("What can look like resistance and is not settled: ", Blank(", ".join(unsettled)))
