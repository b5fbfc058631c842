"""A review without its number: where a site's own data exclude that the chances are right, the words remain."""

import re
from dataclasses import replace

from euthymia.moment import day_in_words
from euthymia.rating_days import rating_days
from euthymia.reviewing import Answer, Review
from euthymia.verdict import Verdict

WITHDRAWN = "The chance is not shown: at this site, what came differed from the chances said. The words remain."
_CHANCES = re.compile(r"^(Chance of |Settled one way or the other )")
_SETTLED = re.compile(r"; settled by .*(?=\.$)")


def without_number(review: Review) -> Review:
    """The same review with every chance taken out, and the reason said instead; unchanged where it shows none."""
    if review.verdict.probability is None:
        return review
    lines = [line for line in review.answer.reasons if not _CHANCES.match(line) and line not in review.prospects.lines]
    said = Answer(review.answer.words, review.answer.shape, _sentence(review), (*(_SETTLED.sub("", line) for line in lines), WITHDRAWN))
    prospects = replace(review.prospects, sustained=None, sustained_days=None, lines=())
    return replace(review, answer=said, verdict=_silent(review.verdict), prospects=prospects)


def _silent(verdict: Verdict) -> Verdict:
    steps = tuple(replace(step, chance=None) for step in verdict.steps)
    return replace(verdict, probability=None, settling=(), steps=steps)


def _sentence(review: Review) -> str:
    """The sentence of the verdict; the two that are made of a chance are said without it."""
    verdict, days = review.verdict, rating_days(review.episode)
    prefix = f"The score is in the remission range, but {'; '.join(verdict.vetoes)}. " if verdict.vetoes else ""
    last = f"{days[-1].total:g} on {day_in_words(days[-1].day)}" if days else "not known"
    if verdict.status == "moving_toward_remission":
        return f"{prefix}This protocol is moving toward remission; last rating {last}, heading to {verdict.heading_to:g}."
    if verdict.status == "undecided":
        return f"{prefix}It could go either way; last rating {last}."
    return review.answer.sentence
