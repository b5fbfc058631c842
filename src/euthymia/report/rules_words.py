"""What the rules found, as the page and the terminal say it: findings first, then what nobody can tell, by subject."""

from collections.abc import Sequence
from dataclasses import dataclass

from euthymia.rule import Severity
from euthymia.rules import CannotTell, Finding, NotApplicable, RuleResult

# A word and a shape for each: colour only repeats them.
SHAPES: dict[Severity, str] = {
    "emergency": "▲",
    "contraindicated": "▲",
    "hold": "■",
    "escalate": "▲",
    "block": "■",
    "caution": "▬",
    "overdue": "◇",
    "note": "·",
}
WORDS: dict[Severity, str] = {"block": "stay"}
_SHOWN = 2
ALARMING: tuple[Severity, ...] = ("emergency", "contraindicated", "hold", "escalate", "block")


@dataclass(frozen=True)
class RuleLine:
    """One finding; or, `known` False, what nobody can tell about one subject. `words`: what kind, read beside the shape."""

    shape: str
    words: str
    alarming: bool
    known: bool
    sentence: str
    details: tuple[str, ...]


def severity_words(severity: Severity) -> str:
    """A severity as it is said."""
    return WORDS.get(severity, severity)


def rule_lines(results: Sequence[RuleResult]) -> list[RuleLine]:
    """Findings one by one, then what cannot be told: what may hide a hold one by one, the rest a line a subject."""
    return [*(_found(each) for each in results if isinstance(each, Finding)), *_unknown(results)]


def _found(finding: Finding) -> RuleLine:
    alarming = finding.severity in ALARMING
    return RuleLine(SHAPES[finding.severity], severity_words(finding.severity), alarming, True, finding.sentence, finding.actions)


def _unknown(results: Sequence[RuleResult]) -> list[RuleLine]:
    grave: list[RuleLine] = []
    rest: dict[str, list[CannotTell]] = {}
    for each in results:
        if isinstance(each, Finding | NotApplicable):
            continue
        if each.severity in ALARMING:
            words = f"{severity_words(each.severity)}? not known {each.question}"
            grave.append(RuleLine("?", severity_words(each.severity), True, False, words, each.missing))
        else:
            rest.setdefault(each.subject, []).append(each)
    told = [
        RuleLine("?", "not known", False, False, f"{subject.replace('_', ' ')}: not known {_questions(asked)}", _missing(asked))
        for subject, asked in rest.items()
    ]
    return [*grave, *told]


def _questions(asked: Sequence[CannotTell]) -> str:
    more = [f"and {len(asked) - _SHOWN} more"] if len(asked) > _SHOWN else []
    return "; ".join([*(each.question for each in asked[:_SHOWN]), *more])


def _missing(asked: Sequence[CannotTell]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for each in asked for line in each.missing))
