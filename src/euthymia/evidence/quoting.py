"""A study's rows in words: what, when, on which scale, how many, and how well each figure is known."""

from collections.abc import Iterator

from euthymia.catalog import Catalog
from euthymia.evidence.pools import PooledEffect, label
from euthymia.facts import Fact
from euthymia.study import Effect, Measure, Result, Study

OUTCOMES = {
    "response": "response",
    "remission": "remission",
    "relapse": "relapse",
    "no_relapse": "no relapse",
    "symptoms": "symptoms",
    "suicidality": "suicidal thoughts",
    "harms": "harms",
    "other": "",
}
MEASURES: dict[Measure, str] = {
    "RR": "risk ratio",
    "OR": "odds ratio",
    "HR": "hazard ratio",
    "RD": "difference in percentage points",
    "MD": "mean difference",
    "SMD": "standardised difference",
}


def figure(value: float) -> str:
    """A figure as it is printed: two decimals below 10, a minus that can be read."""
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return text.rstrip("0").rstrip(".").replace("-", "−") if "." in text else text


def between(low: float, high: float) -> str:
    """An interval in words."""
    return f"{figure(low)} to {figure(high)}"


def status_tag(fact: Fact) -> str:
    """How well a fact is known, where it is less than seen: " [recalled, low confidence]"."""
    return f" [recalled, {fact.confidence} confidence]" if fact.status == "recalled" else " [ours]" if fact.status == "design" else ""


def row_words(study: Study, result: Result) -> str:
    """One row: what was measured and when, the arms, the comparison, and how well it is known."""
    head = ", ".join(filter(None, (OUTCOMES[result.outcome], result.instrument, result.time)))
    if result.definition:
        head += f" ({result.definition})"
    said = "; ".join(filter(None, (", ".join(_shares(study, result)), _effect_words(result.effect), result.text)))
    return f"{head}: {said}{status_tag(result)}"


def study_row_words(study: Study, result: Result) -> str:
    """The same, after the study and how many people it had."""
    people = f", n = {study.n.value}{status_tag(study.n)}" if study.n else ", n not known"
    return f"{label(study)}{people}: {row_words(study, result)}"


def _shares(study: Study, result: Result) -> Iterator[str]:
    counts = study.counts(result) or {}
    for share in result.shares:
        percent = f"{share.percent:g} %" if share.percent is not None else ""
        if share.arm in counts:
            events, n = counts[share.arm]
            arm = study.arm(share.arm)
            how = status_tag(arm) if share.n is None and result.status != arm.status else ""
            yield f"{arm.name} {events} of {n}{how}" + (f" ({percent})" if percent else "")
        else:
            yield f"{study.arm(share.arm).name} {percent}"


def _effect_words(effect: Effect | None) -> str:
    if effect is None:
        return ""
    parts = [f"SE {effect.se:g}"] if effect.se is not None else []
    if effect.lower is not None and effect.upper is not None:
        parts.append(f"95 % {between(effect.lower, effect.upper)}")
    return f"{MEASURES[effect.measure]} {figure(effect.estimate)}" + (f" ({', '.join(parts)})" if parts else "")


def pooled_words(found: PooledEffect, catalog: Catalog) -> tuple[str, ...]:
    """A pooled effect: the figure first, then how far the studies differ, then what must be known to read it."""
    summary, measure = found.summary, MEASURES[found.pool.measure]
    low, high = found.read(summary.lower), found.read(summary.upper)
    people = f"{summary.k} studies" + (f", n = {found.people}" if found.people else "")
    recalled = "; uses recalled figures [recalled]" if found.status == "recalled" else ""
    said = (
        f"{found.pool.what}: {measure} {figure(found.read(summary.estimate))} (95 % {between(low, high)}), pooled from {people}{recalled}"
    )
    ahead = between(found.read(summary.prediction_lower), found.read(summary.prediction_upper))
    spread = f"I² {summary.i2:.0f} % (95 % {summary.i2_lower:.0f} to {summary.i2_upper:.0f}), τ² {figure(summary.tau2)}"
    return (said, f"a further study is expected within {ahead} (95 % prediction interval); {spread}", *_cautions(found, catalog))


def _cautions(found: PooledEffect, catalog: Catalog) -> Iterator[str]:
    summary = found.summary
    normal = between(found.read(summary.normal_lower), found.read(summary.normal_upper))
    if summary.narrower_than_normal:
        agree = "the studies agree more than chance would have it; without Hartung and Knapp's variance the interval is"
        yield f"{agree} {normal}: read the wider one"
    elif summary.k == 2:
        wide = "two studies leave one degree of freedom, so that the interval is this wide (without Hartung and Knapp's variance"
        yield f"{wide}: {normal}); two studies cannot say how far studies differ"
    if found.noticed is not None:
        yield madrs_words(found.read(summary.estimate), catalog)


def madrs_words(difference: float, catalog: Catalog) -> str:
    """A difference between groups beside what one person notices."""
    edge = catalog.grading.meaningful_madrs
    side = "smaller than" if abs(difference) < edge.value else "not smaller than"
    return (
        f"on average {figure(abs(difference))} points of MADRS: {side} the {edge.value:g} points that one person notices{status_tag(edge)}"
    )
