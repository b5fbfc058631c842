"""Referrals: whether findings ask for one, and what the record holds of it."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from euthymia.events import Decision
from euthymia.follow_up.result import Referral, Referred
from euthymia.followed import ReferralFound
from euthymia.plain_words import names_any, plain
from euthymia.rules import CannotTell, Finding
from euthymia.rules.readings import Scene


def referral_of(scene: Scene, found: ReferralFound, results: Sequence[Finding | CannotTell]) -> Referral:
    """The referral of one subject: asked for by a finding or not; recorded since then, before it, answered with no, or not at all."""
    asking = [result for result in results if isinstance(result, Finding) and result.rule in found.asked_by]
    days = [fact.day for finding in asking for fact in finding.facts if fact.day is not None]
    yes, no = _answers(scene, found.fact)
    recorded = sorted((*yes, *(r for r, text in decisions_to_refer(scene) if names_any(found.words, text))), key=lambda r: r.day)
    return Referral(found.to, found.fact, bool(asking), _state(recorded, no, min(days, default=None)), tuple(recorded))


def _state(recorded: Sequence[Referred], no: bool, since: date | None) -> Literal["recorded", "older", "not_referred", "none"]:
    if recorded:
        return "recorded" if since is None or recorded[-1].day >= since else "older"
    return "not_referred" if no else "none"


def decisions_to_refer(scene: Scene) -> list[tuple[Referred, str]]:
    """The decisions to refer, each with everything that it says."""
    decisions = [decision for decision in scene.record.of_kind(Decision) if decision.disposition == "refer"]
    said = [(decision, " ".join(filter(None, (decision.reason, (decision.option or "").replace("_", " "))))) for decision in decisions]
    return [(Referred(each.at.day(scene.record.zone), each.reason or "decided to refer", "decision"), text) for each, text in said]


def _answers(scene: Scene, fact_id: str) -> tuple[list[Referred], bool]:
    """Referrals that were recorded as such; whether somebody said that there was none."""
    words = scene.catalog.vocabulary[fact_id].words
    seen = scene.observations.get(plain(fact_id), [])
    yes = [Referred(each.at.day(scene.record.zone), each.note or words, "observation") for each in seen if each.answer == "yes"]
    return yes, any(each.answer == "no" for each in seen)
