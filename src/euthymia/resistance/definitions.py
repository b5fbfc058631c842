"""Treatment resistance by definition: met, not met, or cannot tell, with the trials that were counted and why."""

from collections.abc import Sequence

from euthymia.adequacy import Trial
from euthymia.adequacy.exposure_words import listed, weakest_of
from euthymia.resistance.counting import Drug, drugs, is_antidepressant, what_is_missing, why_counted
from euthymia.resistance.result import Resistance, State
from euthymia.resistance_table import ResistanceDefinition

NO_HISTORY = "no trial of an antidepressant is recorded"


def resistance(definition: ResistanceDefinition, trials: Sequence[Trial], onset_known: bool) -> Resistance:
    """One definition over the trials of a record."""
    relevant = [trial for trial in trials if is_antidepressant(trial)]
    found = drugs(trials, definition.outcome, partial_open=definition.partial == "not_said")
    if definition.partial == "counts":
        also = {d.name: d for d in drugs(trials, "partial_response")}
        found = tuple(d if d.sure or d.name not in also else _either(d, also[d.name]) for d in found)
    sure = [drug for drug in found if drug.sure]
    possible = [drug for drug in found if drug.possible]
    state: State = (
        "met" if len(sure) >= definition.minimum_trials else "not_met" if len(possible) < definition.minimum_trials else "cannot_tell"
    )
    names = f": {', '.join(drug.name for drug in sure)}" if sure else ""
    rule = f"asks for {definition.minimum_trials} or more ({listed(definition)}); {len(sure)} counted{names}"
    reasons = [rule, *(why_counted(trial) for trial in relevant)]
    missing: list[str] = []
    if state == "cannot_tell":
        missing = [each for drug in possible if not drug.sure for trial in drug.trials for each in what_is_missing(trial, onset_known)]
        if definition.partial == "not_said" and any(t.counts_as == "partial_response" for drug in possible for t in drug.trials):
            missing.append("whether a partial response counts: the wording that was read does not say")
    if not relevant:
        state, missing = "cannot_tell", [NO_HISTORY]
    elif state == "not_met":
        reasons.append("as far as treatment is recorded here")
    if not onset_known and state != "met":
        missing.append("when the current episode began")
    counted = tuple(drug.name for drug in sure)
    status = weakest_of([definition.status, *(t.basis for drug in sure for t in drug.trials)])
    return Resistance(definition.id, definition.name, state, counted, tuple(reasons), tuple(dict.fromkeys(missing)), status)


def _either(one: Drug, other: Drug) -> Drug:
    return Drug(one.name, one.drug_class, one.trials, one.sure or other.sure, one.possible or other.possible)
