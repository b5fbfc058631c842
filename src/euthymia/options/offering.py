"""What could be done next: each option with why it is listed for this patient, what speaks against it, what must be known first.

Nothing here recommends. What a rule holds back, or what nobody can tell, is named as not offered, never left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.evidence import EvidenceBeside, Features, beside
from euthymia.facts import WEAKEST, Status
from euthymia.left import Left
from euthymia.option import Listing, Option
from euthymia.options.differential import Look, LookedAt, differential, look
from euthymia.options.doses_taken import running_drugs
from euthymia.options.features import age_on, features
from euthymia.options.listing import Situation, listing, said, unmet
from euthymia.options.named_in_text import names
from euthymia.options.situation import Case, situation
from euthymia.options.tried import Tried, tried
from euthymia.position import Position
from euthymia.record import PatientRecord
from euthymia.resistance import History
from euthymia.rule import HOLDING
from euthymia.rules import CannotTell, Finding, RuleResult
from euthymia.verdict import Verdict

WITHOUT_QUESTION = ("remission", "moving_toward_remission", "too_early")
HIGHER_DOSE = "titrate_up"  # The group by which rules limit raising a dose.
CERTAINTY = ("high", "moderate", "low", "very_low", "none")
NOT_EXCLUDED = "bipolar disorder not excluded"
OF_ADULTS = "The studies in the catalog are of ketamine in adults: not applicable here."
NO_STUDY = "No study of this is in the catalog."


@dataclass(frozen=True)
class InTheWay:
    """One thing in the way of an option: a need that is not met, or what a rule finds or cannot tell.

    `holds`: the option is not offered for it. `known`: it is found; else nobody can tell, and `settle` says what would. `of`: the
    circumstance or the rule; `rests_on`: what was looked at, where something was; `question`: what a rule cannot tell ("whether …").
    """

    of: str
    words: str
    holds: bool
    known: bool
    settle: tuple[str, ...] = ()
    rests_on: str = ""
    question: str = ""


@dataclass(frozen=True)
class OptionView:
    """One option beside one patient.

    `blocked_by`: why it is not offered now (empty: it is). `tried`: 0 not yet, 1 not judged or partial, 2 without response.
    """

    id: str
    group: str
    group_name: str
    name: str
    why: tuple[str, ...]
    against: tuple[str, ...]
    know_first: tuple[str, ...]
    blocked_by: tuple[str, ...]
    evidence: EvidenceBeside | None
    regulatory: str
    monitoring: tuple[str, ...]
    basis: Status
    what: str
    disposition: str
    adds: bool
    tried: int


@dataclass(frozen=True)
class Options:
    """What could be done. `question`: what must be asked first. `withheld`: listed, and not offered now, each with what holds it back.

    `differential`: what is looked at before anything is added. `order`: how options are ordered, and what that does not mean.
    `higher_dose`: what is in the way of a higher dose, whether or not that is listed; None where it does not apply.
    """

    question: str | None
    differential: tuple[LookedAt, ...]
    offered: tuple[OptionView, ...]
    withheld: tuple[OptionView, ...]
    order: str
    not_applicable: str | None
    higher_dose: tuple[InTheWay, ...] | None = None


def options(
    record: PatientRecord,
    episode: CurrentEpisode,
    history: History,
    position: Position,
    verdict: Verdict,
    rules: Sequence[RuleResult],
    left: Left,
    catalog: Catalog,
    on: date,
) -> Options:
    """The options on `on` from a record that has already been cut at that day. After a death there are none."""
    if dead := next((found for found in episode.findings if found.startswith("died")), None):
        return Options(None, (), (), (), catalog.option_limits.order, dead)
    looks, age = look(record, episode, catalog, on), age_on(record, on)
    case = Case(record, episode, history, position, verdict, rules, left, catalog, on, looks, age)
    here = situation(case)
    adult = age.surely_at_least(catalog.option_limits.adult_age.value)
    beside_patient = _Beside(case, here, features(record, episode, history, position, catalog, on), adult)
    views = sorted(beside_patient.views(), key=lambda view: _place(view, catalog))
    years = f"{catalog.option_limits.adult_age.value:g}"
    asked = verdict.status not in WITHOUT_QUESTION or any(view.id == "booster" for view in views)
    return Options(
        question=catalog.looking.question if asked else None,
        differential=differential(looks),
        offered=tuple(view for view in views if not view.blocked_by),
        withheld=tuple(view for view in views if view.blocked_by),
        order=catalog.option_limits.order,
        not_applicable=f"ketamine and esketamine: not applicable under {years} ({age.words})" if adult is False else None,
        higher_dose=beside_patient.in_the_way_of_a_higher_dose(),
    )


class _Beside:
    """Every option held against one case; the evidence of a question is asked once."""

    def __init__(self, case: Case, here: Situation, of_patient: Features, adult: bool | None) -> None:
        self.case, self.here, self.features, self.adult = case, here, of_patient, adult
        self._answers: dict[str, EvidenceBeside] = {}

    def views(self) -> Iterator[OptionView]:
        """The options that are listed; one that is being given already is not listed as something new."""
        for option in self.case.catalog.options.values():
            row = listing(option, self.here)
            if row is None or (option.ketamine and self.adult is False):
                continue
            before = tried(option, self.case.history)
            if not before.running:
                yield self._view(option, row, before)

    def in_the_way_of_a_higher_dose(self) -> tuple[InTheWay, ...] | None:
        """What is in the way of raising the dose by one step, listed here or not; None under the adult age."""
        raising = next((option for option in self.case.catalog.options.values() if HIGHER_DOSE in option.limited_as), None)
        return None if raising is None or (raising.ketamine and self.adult is False) else tuple(self._in_the_way(raising))

    def _view(self, option: Option, row: Listing, before: Tried) -> OptionView:
        why = tuple(sentence for template in row.why if (sentence := said(template, self.here.words)))
        in_the_way = list(self._in_the_way(option))
        held = [each.words for each in in_the_way if each.holds]
        found = [each.words for each in in_the_way if not each.holds and each.known]
        unknown = [each.words for each in in_the_way if not each.holds and not each.known]
        return OptionView(
            id=option.id,
            group=option.group,
            group_name=self.case.catalog.option_limits.group_names[option.group],
            name=option.name,
            why=(*(why or (f"{self.here.words['status']}",)), *before.why),
            against=tuple(dict.fromkeys((*before.against, *self._against(option), *found))),
            know_first=tuple(dict.fromkeys((*self._know_first(option, row), *unknown))),
            blocked_by=tuple(dict.fromkeys(held)),
            evidence=self._evidence(option),
            regulatory=option.regulatory.text,
            monitoring=option.monitoring,
            basis=max((option.status, row.status, option.regulatory.status), key=WEAKEST.index),
            what=option.what,
            disposition=option.disposition,
            adds=option.adds,
            tried=before.rank,
        )

    def _against(self, option: Option) -> Iterator[str]:
        bipolarity = self.case.looks.get("bipolarity")
        if option.antidepressant and bipolarity is not None and bipolarity.state == "present":
            yield bipolarity.sentence
        elif option.antidepressant and self.case.episode.polarity == "unknown" and (bipolarity is None or bipolarity.state != "absent"):
            yield NOT_EXCLUDED
        taken = running_drugs(self.case.record, self.case.on)
        for each in option.against:
            if each.circumstance is not None and each.circumstance in self.here.holds:
                found = self.case.looks.get(each.circumstance)
                yield f"{each.words} ({found.sentence.partition(': ')[2]})" if found else each.words
            elif each.drugs and (named := [d for d in taken if any(names(d.drug, word) for word in each.drugs)]):
                yield f"{each.words} ({', '.join(f'{d.drug} since {d.at.text[:10]}' for d in named)})"

    def _know_first(self, option: Option, row: Listing) -> Iterator[str]:
        least = row.trials_at_least
        if least is not None and self.here.trials < least:
            yield f"whether {least} trials were adequate and without response: {self.here.trials} known, {self.here.unsettled} not settled"
        if option.ketamine and self.adult is None:
            yield "the patient's age"
        asked = [*option.know_first, *(each.circumstance for each in option.against if each.circumstance in self.here.unknown)]
        for name in asked:
            found: Look | None = self.case.looks.get(name or "")
            if found is not None and found.state == "cannot_tell":
                yield found.sentence

    def _in_the_way(self, option: Option) -> Iterator[InTheWay]:
        """Needs that are not met, then what the rules say against it or cannot tell, worst first."""
        for need, words in unmet(option, self.here):
            looked, known = self.case.looks.get(need.circumstance), need.circumstance not in self.here.unknown
            ask = (looked.item.ask,) if looked and not known else ()
            yield InTheWay(need.circumstance, words, True, known, ask, looked.sentence if looked and known else "")
        for result in self._limits(option):
            known = isinstance(result, Finding)
            settle = result.actions if isinstance(result, Finding) else result.missing
            question = "" if isinstance(result, Finding) else result.question
            yield InTheWay(result.rule, result.sentence, result.severity in HOLDING, known, settle, question=question)

    def _limits(self, option: Option) -> Iterator[Finding | CannotTell]:
        """What the rules say against an option, or cannot tell."""
        named = {option.id, f"group:{option.group}", *(f"group:{group}" for group in option.limited_as)}
        named |= {"group:ketamine"} if option.ketamine else set()
        for result in self.case.rules:
            if isinstance(result, Finding | CannotTell) and named.intersection(result.limits):
                yield result

    def _evidence(self, option: Option) -> EvidenceBeside:
        question = next((q for name, q in option.question_when.items() if name in self.here.holds), option.question)
        if question is None:
            return EvidenceBeside("", NO_STUDY, "none", "none", (), (), (), (), ())
        if self.adult is False and _of_ketamine(self.case.catalog, question):
            return EvidenceBeside(question, OF_ADULTS, "none", "none", (), (), (), (), ())
        if question not in self._answers:
            self._answers[question] = beside(question, self.case.catalog, self.features)
        return self._answers[question]


def _of_ketamine(catalog: Catalog, question: str) -> bool:
    """Whether a question is about ketamine: then it is not spoken of under the adult age."""
    asked = catalog.questions[question]
    return asked.group in ("acute", "maintenance", "low_dose") or "ketamine" in asked.asks.lower()


def _place(view: OptionView, catalog: Catalog) -> tuple[int, int, int, str]:
    """Groups in their order; within one: not yet tried, not judged, without response; then certainty here; then the name."""
    groups: Sequence[str] = catalog.option_limits.groups
    certainty = view.evidence.certainty_here if view.evidence else "none"
    return groups.index(view.group), view.tried, CERTAINTY.index(certainty), view.name
