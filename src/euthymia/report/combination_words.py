"""What was tried at once, as the page and the terminal say it."""

from euthymia.report.words import printable
from euthymia.reviewing import Review


def combination_lines(review: Review) -> list[str]:
    """What coincides, the latest first; what runs now beside each other; what was looked at. None where there is nothing to say."""
    found = review.combination
    if found is None:
        return []
    lines = [each.sentence.rstrip(".") for each in found.coincidences] or ["no marked change of the ratings is known"]
    lines += [f"running now, beside each other: {'; '.join(found.running)}"] if found.running else ["nothing is recorded as running now"]
    return [printable(line) for line in (*lines, found.marked, found.caveat.rstrip("."))]
