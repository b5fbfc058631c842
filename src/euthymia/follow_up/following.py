"""Long-term safety of one patient on one day, put together from what the rules know."""

from euthymia.follow_up.exposure import exposure_of
from euthymia.follow_up.referrals import decisions_to_refer
from euthymia.follow_up.result import FollowUp
from euthymia.follow_up.sessions import sessions_seen
from euthymia.follow_up.subject import subject_of
from euthymia.plain_words import names_any
from euthymia.rules import RuleResult, WatchDue
from euthymia.rules.care_facts import ketamine_care
from euthymia.rules.readings import Scene


def follow_up(scene: Scene, found: tuple[RuleResult, ...], watch: tuple[WatchDue, ...]) -> FollowUp | None:
    """Long-term safety on the day of the scene; None where nothing says that ketamine care is or was given.

    `found`: what the rules say on that day; `watch`: what is to be looked at, and by when.
    """
    care = ketamine_care(scene)
    if care not in ("current", "former"):
        return None
    exposure, (sessions, unmeasured) = exposure_of(scene), sessions_seen(scene)
    catalog = scene.catalog
    subjects = [subject_of(scene, key, followed, exposure, found, watch) for key, followed in catalog.followed.items()]
    places = [word for followed in catalog.followed.values() if followed.referral for word in followed.referral.words]
    evidence = catalog.long_term_evidence
    reference = catalog.references.get(evidence.ref or "") if evidence else None
    return FollowUp(
        on=scene.on,
        care="current" if care == "current" else "former",
        exposure=exposure,
        subjects=tuple(subjects),
        sessions=sessions,
        home_without_readings=unmeasured,
        referrals=tuple(referred for referred, text in decisions_to_refer(scene) if not names_any(places, text)),
        evidence=evidence,
        evidence_source=reference.citation if reference else "",
    )
