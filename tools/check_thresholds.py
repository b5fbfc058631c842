"""Calibration of the one probability and the worth of every status, on virtual people: Markdown for docs/methods/trajectory.md.

Foreign people first: they are drawn by a generator that is not the engine. Populations are fitted to virtual people here only to look at
what a clinic's own fit would do; none is kept. `--out DIR` writes reliability plots. A few minutes.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from thresholds import verdicts
from thresholds.calibration import Calibration, calibration, groups
from thresholds.people import LAST, Measure, People, as_cohort, draw, measure, up_to
from thresholds.verdicts import Delay, Rule, Truth, Worth

from euthymia.catalog import Catalog
from euthymia.heading import population_for
from euthymia.loading import load_catalog
from euthymia.report.progress import progress
from euthymia.report.reliability import Group, reliability_page, reliability_svg
from euthymia.simulate.shapes import KINDS, ForeignDesign
from euthymia.trajectory import Population, fit
from euthymia.trajectory.batch import Cohort, log_likelihoods, outlooks
from euthymia.trajectory.scale import KINDS as KINDS_OF_SCALE
from euthymia.trajectory.scale import Kind
from euthymia.trajectory.statuses import STATUSES, Table

_TRAINING = 1000  # added to the seed, for the people who are fitted
WEEKS = (2, 4, 6, 8, 12, 16, 26)
JUDGED = slice(4, LAST + 1)  # too early before: nothing low is said
FITTED, BORROWED = "fitted to 300 others", "shipped, borrowed"
# What is foreign about foreign people, each taken away by itself.
WITHOUT = {
    "sudden gains": {"sudden_gain_share": 0.0},
    "relapses": {"relapse_share": 0.0},
    "slow drifts": {"drift_share": 0.0},
    "cycles": {"cycle_share": 0.0},
    "all four": {"sudden_gain_share": 0.0, "relapse_share": 0.0, "drift_share": 0.0, "cycle_share": 0.0},
    "careless answers": {"straight_liner_share": 0.0, "random_rating_share": 0.0},
    "changes of mode": {"mode_change_share": 0.0},
    "sessions wearing out": {"tolerance_share": 0.0},
    "any effect of sessions": {"responder_share": 0.0},
    "effects of a change of protocol": {"change_helps_share": 0.0, "change_harms_share": 0.0},
    "errors that last": {"error_kept_low": 0.0, "error_kept_high": 0.0},
    "people with larger errors than others": {"error_log_sd": 0.0},
    "a memory for the worst day": {"worst_day_weight": 0.0},
    "effects of a change, lasting errors, careless answers": {
        "change_helps_share": 0.0, "change_harms_share": 0.0, "error_kept_low": 0.0, "error_kept_high": 0.0,
        "straight_liner_share": 0.0, "random_rating_share": 0.0,
    },
}  # fmt: skip
WIDER = (1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True)
class Read:
    """People read with one population: what was said after every rating and whether it came, [person, week]."""

    name: str
    people: People
    everybody: Cohort
    population: Population
    chances: np.ndarray
    came: np.ndarray


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--out", type=Path, help="a folder for the reliability plots")
    given.add_argument("--people", type=int, default=4000)
    given.add_argument("--seed", type=int, default=11, help="another one draws other people, for the fit as well")
    given.add_argument("--training", type=int, default=300, help="foreign people to fit a clinic's own population to")
    given.add_argument("--scale", choices=KINDS_OF_SCALE, default="identity", help="of that population")
    given.add_argument("--instruments", default="phq9,hamd17", help="the first one is looked at in full")
    asked = given.parse_args()
    catalog = load_catalog()
    jobs = [(name, part) for name in asked.instruments.split(",") for part in ("fit", "read")]
    jobs += [(asked.instruments.split(",")[0], part) for part in ("switched off", "wider", "statuses")]
    lines: list[str] = []
    fitted: dict[str, Population] = {}
    read: dict[str, list[Read]] = {}
    for name, part in progress(jobs, "Looking"):
        of = measure(catalog, name)
        if part == "fit":
            fitted[name] = a_clinics_own(catalog, of, asked.training, asked.scale, asked.seed)
        elif part == "read":
            read[name] = list(everybody_read(catalog, of, fitted[name], asked.people, asked.seed))
            lines += calibration_tables(read[name], first=len(read) == 1)
        elif part == "switched off":
            lines += switched_off(catalog, of, fitted[name], read[name], asked.people, asked.seed)
        elif part == "wider":
            lines += wider(catalog, read[name])
        else:
            lines += status_tables(catalog, read[name])
    print("\n".join(lines))
    if asked.out:
        for name, some in read.items():
            write_plots(some, asked.out, name)


def a_clinics_own(catalog: Catalog, of: Measure, people: int, kind: Kind, seed: int) -> Population:
    """A population fitted to other foreign people of the same plans."""
    training = draw(catalog, of, people, seed + _TRAINING)
    return fit(training.series, (0.0, of.high), kind=kind)


def borrowed(catalog: Catalog, of: Measure) -> Population:
    chosen = population_for(catalog, of.id, "esketamine_label")
    if chosen is None:
        raise SystemExit("found no population; allowed: one in knowledge/trajectory")
    return chosen[0]


def everybody_read(catalog: Catalog, of: Measure, fitted: Population, count: int, seed: int) -> Iterator[Read]:
    """Foreign people by both populations, then the engine's own by the one that they were drawn from."""
    shipped, foreign = borrowed(catalog, of), draw(catalog, of, count, seed)
    yield read_with(fitted, foreign, FITTED)
    yield read_with(shipped, foreign, BORROWED)
    yield read_with(shipped, draw(catalog, of, count, seed + 1, shipped), BORROWED)


def read_with(population: Population, people: People, name: str) -> Read:
    everybody = as_cohort(people)
    found = outlooks(population, everybody, people.horizon.ravel(), people.measure.cut)
    came = np.take_along_axis(people.totals, people.horizon, axis=1) <= people.measure.cut
    return Read(name, people, everybody, population, found.chances.reshape(came.shape), came)


def said_of(read: Read) -> str:
    return f"{'own' if read.people.kind[0] < 0 else 'foreign'}, {read.people.measure.name}, {read.name}"


# Tables of calibration: chances after the ratings of weeks 1 to 26.

CALIBRATION = ("forecasts", "came", "said", "Brier", "AUC", "slope (95 %)", "intercept")
BANDS = ((1, 3), (4, 7), (8, 12), (13, LAST))


def calibration_tables(found: Sequence[Read], first: bool) -> Iterator[str]:
    """`first`: the instrument that is looked at in full."""
    yield from table(f"Calibration, {found[0].people.measure.name}", ("people, population", "forecasts of", *CALIBRATION))
    for read in found:
        yield row(said_of(read), "the plan in force (no change before the horizon)", *cells(of_weeks(read, ~read.people.changes_ahead)))
        yield row("", "all", *cells(of_weeks(read)))
    yield from table("The central 80 % holds the rating", ("people, population", *(f"week {week}" for week in WEEKS)))
    for read in found:
        yield row(said_of(read), *(f"{held(read, week):.0%}" for week in WEEKS))
    if not first:
        return
    for read in found:
        yield from table(f"By week: {said_of(read)}", ("weeks", "forecasts of", *CALIBRATION))
        for start, end in BANDS:
            weeks = np.isin(np.arange(LAST + 1), np.arange(start, end + 1))[None, :]
            yield row(f"{start} to {end}", "the plan in force", *cells(of_weeks(read, weeks & ~read.people.changes_ahead)))
            if (weeks & read.people.changes_ahead).any():
                yield row("", "change before the horizon", *cells(of_weeks(read, weeks & read.people.changes_ahead)))
    yield from table(f"By course: {said_of(found[0])}, the plan in force", ("course", *CALIBRATION))
    for name, asked in subsets(found[0]):
        yield row(name, *cells(of_weeks(found[0], asked & ~found[0].people.changes_ahead)))


def of_weeks(read: Read, asked: np.ndarray | None = None) -> Calibration:
    return calibration(read.chances[:, 1:], read.came[:, 1:], None if asked is None else asked[:, 1:])


def subsets(read: Read) -> Iterator[tuple[str, np.ndarray]]:
    """Who is asked about, [person, week]."""
    people, everywhere = read.people, np.ones(read.chances.shape, dtype=bool)
    for place, kind in enumerate(KINDS):
        yield kind.replace("_", " "), everywhere & (people.kind == place)[:, None]
    for place, plan in enumerate(people.plans):
        yield f"plan: {plan.name}", everywhere & (people.plan == place)[:, None]
    at_horizon = np.take_along_axis(people.other_mode, people.horizon, axis=1)
    now = people.other_mode[:, : LAST + 1]
    yield "mode changed before the forecast", now
    yield "mode changes before the horizon", ~now & at_horizon
    ahead = np.take_along_axis(people.truth, people.horizon, axis=1) - people.truth[:, : LAST + 1]
    half = people.measure.change / 2
    yield "known afterwards: truth moves by less than half a within-person change", np.abs(ahead) < half
    yield "known afterwards: truth falls by more", ahead <= -half
    yield "known afterwards: truth rises by more", ahead >= half


def held(read: Read, week: int) -> float:
    """How often the rating at the horizon lies in the central 80 %, its ends rounded to totals: these hold 80 % or more."""
    horizon = read.people.horizon[:, : week + 1]
    heading = outlooks(read.population, up_to(read.everybody, week), horizon.ravel(), read.people.measure.cut).heading
    rating = read.people.totals[np.arange(len(horizon)), horizon[:, -1]]
    return float(np.mean((rating >= np.round(heading[:, 1])) & (rating <= np.round(heading[:, 2]))))


def switched_off(catalog: Catalog, of: Measure, fitted: Population, read: Sequence[Read], count: int, seed: int) -> Iterator[str]:
    """Foreign people without one of the things that make them foreign, read with the same populations."""
    head = (
        "foreign people without …",
        "came",
        "slope (95 %)",
        "intercept",
        "all: slope",
        "all: intercept",
        "borrowed, all: slope",
        "intercept",
    )
    yield from table(f"What breaks it: {of.name}, {FITTED}; the plan in force, then all", head)
    for name, without in {"(nothing taken away)": {}, **WITHOUT}.items():
        people = draw(catalog, of, count, seed, design=replace(ForeignDesign(), **without))
        own, shipped = (read_with(population, people, "") for population in (fitted, read[1].population))
        found = of_weeks(own, ~people.changes_ahead), of_weeks(own), of_weeks(shipped)
        yield row(name, f"{found[1].came:.0%}", *(cell for each in found for cell in cells(each)[-2:]))


def wider(catalog: Catalog, read: Sequence[Read]) -> Iterator[str]:
    """The same forecasts with other populations: wider ones, and people who differ in more than rate and wandering."""
    head = ("population", "log likelihood per person, more", "forecasts of", *CALIBRATION)
    yield from table("Remedies: foreign people, read with other populations", head)
    fitted, people = read[0].population, read[0].people
    shipped = read[1].population.widened(1 / next(iter(catalog.populations.values())).borrowed.variance_factor)
    tried = {f"fitted, every variance × {factor:g}": fitted.widened(factor) for factor in WIDER}
    tried |= {f"shipped, every variance × {factor:g}": shipped.widened(factor) for factor in WIDER}
    for spread in ("rating_sd", "wandering_sd", "set_point_sd", "rate"):
        tried[f"fitted, {spread} differs more between people (log sd 0.4)"] = differing(fitted, spread, 0.4)
    start = log_likelihoods(fitted, read[0].everybody).mean()
    for name, population in tried.items():
        found = read_with(population, people, "")
        more = log_likelihoods(population, read[0].everybody).mean() - start
        yield row(name, f"{more:+.2f}", "the plan in force", *cells(of_weeks(found, ~people.changes_ahead)))
        yield row("", "", "all", *cells(of_weeks(found)))


def differing(population: Population, spread: str, log_sd: float) -> Population:
    """The same population, in which people differ more in one of its spreads or rates; the nodes take turns."""
    nodes = len(population.grid.weight)
    apart = ndtri((np.random.default_rng(0).permutation(nodes) + 0.5) / nodes)
    return replace(population, grid=replace(population.grid, **{spread: getattr(population.grid, spread) * np.exp(log_sd * apart)}))


# Tables of the statuses.

WORTH = ("on course: told so", "not getting there: told so", "on course: told low", "remits in 8 weeks: told low",
         "remits in 12 weeks: told low", "… told not improving", "told low: remits in 12 weeks", "not getting there: told on course",
         "… told moving")  # fmt: skip
FACTS = ("in the range: told remission", "told remission: in the range", "… or near it", "has lost ground", "… told so",
         "told so: has risen by half of it")  # fmt: skip


def status_tables(catalog: Catalog, found: Sequence[Read]) -> Iterator[str]:
    numbers = table_of(catalog, found[0].people.measure)
    for read in found:
        truth = verdicts.truth_of(read.people)
        for words, rule in (("as they are", Rule(numbers)), ("proposed", verdicts.proposed(numbers))):
            said = verdicts.statuses_by_week(read.everybody, read.chances, rule)
            head = ("week", *(name.replace("_", " ") for name in STATUSES[1:]))
            yield from table(f"Statuses by week, thresholds {words}: {said_of(read)}", head)
            for week in WEEKS:
                yield row(str(week), *(f"{share:.0%}" for share in verdicts.shares(said, week)[1:]))
            yield from table(f"Worth by week, thresholds {words}: {said_of(read)}", ("week", "on course", "not getting there", *WORTH))
            for week in WEEKS:
                truly = f"{truth.on_course[:, week].mean():.0%}", f"{truth.not_there[:, week].mean():.0%}"
                yield row(str(week), *truly, *worth_cells(verdicts.worth(said, truth, week)))
        yield from table(f"Remission and lost ground by week: {said_of(read)}", ("week", *FACTS))
        for week in WEEKS:
            yield row(str(week), *share_cells(verdicts.facts(read.people, said, week)))
    for read in found:
        yield from grid(read, numbers)


def grid(read: Read, numbers: Table) -> Iterator[str]:
    """The present thresholds beside others, weeks 4 to 26 together."""
    head = ("thresholds", *WORTH, "weeks until told on course", "weeks until told low", "never told low", "changes of status")
    yield from table(f"Other thresholds: {said_of(read)}, weeks 4 to 26", head)
    truth = verdicts.truth_of(read.people)
    for name, rule in verdicts.variants(numbers).items():
        said = verdicts.statuses_by_week(read.everybody, read.chances, rule)
        good, bad = verdicts.delay_to_good(said, truth), verdicts.delay_to_bad(said, truth)
        yield row(name, *grid_cells(said, truth), delay_words(good), delay_words(bad), f"{bad.never:.0%}", f"{verdicts.flips(said):.1f}")


def grid_cells(said: np.ndarray, truth: Truth) -> list[str]:
    return worth_cells(verdicts.worth(said, truth, JUDGED))


def worth_cells(worth: Worth) -> list[str]:
    bad = (worth.false_alarm, worth.alarm_8, worth.alarm_12, worth.alarm_said, worth.low_then_remits)
    shown = (worth.sensitivity, worth.detection, *bad, worth.false_hope, worth.hope_moving)
    return share_cells(shown)


def share_cells(shown: Sequence[float]) -> list[str]:
    return ["–" if np.isnan(share) else f"{share:.0%}" if share >= 0.095 else f"{share:.1%}" for share in shown]


def delay_words(delay: Delay) -> str:
    """Median and three-quarter point."""
    return " / ".join("never" if np.isinf(weeks) else f"{weeks:g}" for weeks in (delay.median, delay.three_quarters))


def table_of(catalog: Catalog, of: Measure) -> Table:
    """The status table with the numbers of the catalog."""
    rules = catalog.verdict
    leans = (rules.moving_enter.value, rules.moving_leave.value, rules.low_enter.value, rules.low_leave.value)
    minimum = catalog.protocols[rules.default_protocol].phases[0].minimum_weeks
    falling, good_for = rules.falling_share.value * of.change, rules.stale_days.value / 7
    return Table(of.cut, 0.0, of.change, *leans, rules.better_fraction.value, rules.best_window_days.value / 7, minimum, falling, good_for)


# Words and pictures.


def cells(found: Calibration) -> list[str]:
    said = [f"{found.forecasts:,}", f"{found.came:.1%}", f"{found.said:.1%}", f"{found.brier:.3f}", f"{found.auc:.3f}"]
    return [*said, f"{found.slope:.2f} ({found.slope_low:.2f} to {found.slope_high:.2f})", f"{found.intercept:+.2f}"]


def table(title: str, head: Sequence[str]) -> Iterator[str]:
    yield from ("", f"**{title}**", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}")


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def write_plots(found: Sequence[Read], folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drawn: list[Group] = [g for read in found for g in groups(said_of(read), read.chances[:, 1:].ravel(), read.came[:, 1:].ravel(), LAST)]
    (folder / f"reliability_{name}.svg").write_text(reliability_svg(drawn), encoding="utf-8")
    lines = ["Virtual people: nobody of them exists. Intervals take the forecasts of one person as one."]
    page = reliability_page(drawn, "How often a chance came true", "weekly ratings, 26 weeks, virtual people", lines)
    (folder / f"reliability_{name}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
