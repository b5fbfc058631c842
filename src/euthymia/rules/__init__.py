"""Closed-vocabulary rules over the facts of a record: finding, not applicable, or cannot tell; gates of a session; what to watch."""

from euthymia.rules.judging import CannotTell, FactUsed, Finding, NotApplicable, RuleResult, evaluate, facts_on, gates, judged
from euthymia.rules.watching import WatchDue, watched, watched_by

__all__ = [
    "CannotTell",
    "FactUsed",
    "Finding",
    "NotApplicable",
    "RuleResult",
    "WatchDue",
    "evaluate",
    "facts_on",
    "gates",
    "judged",
    "watched",
    "watched_by",
]
