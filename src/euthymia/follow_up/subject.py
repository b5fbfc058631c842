"""One subject of long-term safety put together: its series, what the rules say of it, what is due, its referral, its state."""

from collections.abc import Sequence

from euthymia.follow_up.referrals import referral_of
from euthymia.follow_up.result import Exposure, Series, Subject, SubjectState
from euthymia.follow_up.series import series_of
from euthymia.follow_up.thresholds import rules_on
from euthymia.followed import Followed
from euthymia.rules import CannotTell, Finding, NotApplicable, RuleResult, WatchDue
from euthymia.rules.readings import Scene


def subject_of(
    scene: Scene, subject_id: str, followed: Followed, exposure: Exposure, found: Sequence[RuleResult], watch: Sequence[WatchDue]
) -> Subject:
    """Everything that is said of one subject on the day of the scene."""
    own = rules_on(scene.catalog, followed.facts)
    said = [result for result in found if (result.subject, result.rule) in own]
    ids = {rule for _, rule in own} | {f"stale_{fact}" for fact in followed.facts}
    due = tuple(item for item in watch if item.id in ids)
    # What is overdue stands among what is due, with its day.
    results = tuple(r for r in said if not isinstance(r, NotApplicable) and not (isinstance(r, Finding) and r.severity == "overdue"))
    series = tuple(series_of(scene, fact, exposure) for fact in followed.facts)
    return Subject(
        id=subject_id,
        name=followed.name,
        state="not_applicable" if _does_not_apply(scene, followed, said) else _state(scene, series, results, due),
        series=series,
        results=results,
        reasons=tuple(dict.fromkeys(r.reason for r in said if isinstance(r, NotApplicable) and r.rule not in {item.id for item in due})),
        due=due,
        referral=referral_of(scene, followed.referral, results) if followed.referral else None,
        drawn=followed.drawn,
    )


def _does_not_apply(scene: Scene, followed: Followed, said: Sequence[RuleResult]) -> bool:
    """Whether one of the subject's own facts says that its rules do not apply: pregnancy is not possible."""
    silent = {result.rule for result in said if isinstance(result, NotApplicable)}
    own = (rule for rules in scene.catalog.rules.values() for rule in rules.rules if rule.id in silent and rule.applies is not None)
    by_own_fact = any(rule.applies and {leaf.fact for leaf in rule.applies.leaves()} <= set(followed.facts) for rule in own)
    return by_own_fact and all(isinstance(result, NotApplicable) for result in said)


def _state(scene: Scene, series: Sequence[Series], results: Sequence[Finding | CannotTell], due: Sequence[WatchDue]) -> SubjectState:
    if any(isinstance(result, Finding) for result in results):
        return "finding"
    # What is computed from the doses was not measured by anybody.
    if not any(point.value is not None for each in series if each.stated for point in each.points):
        return "never_measured"
    if any(isinstance(result, CannotTell) for result in results):
        return "cannot_tell"
    return "overdue" if any(item.by < scene.on for item in due) else "nothing_found"
