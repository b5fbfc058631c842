"""The words that the terminal and the page of the evidence share."""

from collections.abc import Iterator

from euthymia.evidence.answering import LEVEL_WORDS, Answer
from euthymia.question import Certainty, Domain, Group, Judgement

GROUP_WORDS: dict[Group, str] = {
    "acute": "Acute treatment with ketamine or esketamine",
    "maintenance": "Maintenance",
    "low_dose": "By mouth or under the tongue",
    "next_step_drugs": "Next-step drugs",
    "neuromodulation": "Neuromodulation",
    "psychotherapy": "Psychotherapy",
    "safety": "Safety",
}
CERTAINTY_SHAPES: dict[Certainty, str] = {"high": "●●●●", "moderate": "●●●○", "low": "●●○○", "very_low": "●○○○", "none": "----"}
DOMAIN_NAMES: dict[Domain, str] = {
    "risk_of_bias": "risk of bias",
    "inconsistency": "inconsistency",
    "indirectness": "indirectness",
    "imprecision": "imprecision",
    "publication_bias": "publication bias",
    "large_effect": "large effect",
    "dose_response": "dose and response",
    "confounding": "confounding that would hide an effect",
}
HOW_KNOWN = (
    "Figures without a mark were seen in a public source, often an abstract. [recalled]: background knowledge, not confirmed. "
    "[ours]: this project's own. The judgement of certainty is a draft; a clinical lead has to sign it."
)


def certainty_words(certainty: Certainty) -> str:
    """A level as a shape and a word."""
    return f"{CERTAINTY_SHAPES[certainty]} {LEVEL_WORDS[certainty]}"


def judgement_words(judgement: Judgement) -> str:
    """One judgement: "risk of bias −1: dissociation gives the allocation away"."""
    change = "not changed" if judgement.change == 0 else f"{judgement.change:+d}".replace("-", "−")
    return f"{DOMAIN_NAMES[judgement.domain]}, {change}: {judgement.reason}"


def reasons(answer: Answer) -> Iterator[str]:
    """Where the level starts, every judgement, and what the figures ask about."""
    yield answer.start
    yield from (judgement_words(each) for each in answer.reasons)
    asked = ", ".join(f"{DOMAIN_NAMES[doubt.domain]} ({doubt.why})" for doubt in answer.doubts)
    if asked:
        yield f"the figures ask about: {asked}"
    if answer.question.grading.note:
        yield f"{answer.question.grading.note} [ours]"
