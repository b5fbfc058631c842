"""How the shipped population forecasts the last rating of each trial from the earlier ones. Needs ../shared/data.

Its people are those of the fit: this shows where it is over-confident, not how it does on others.
"""

import numpy as np
from fit_population import TRIALS, read_trial

from euthymia.heading import population_for
from euthymia.loading import load_catalog
from euthymia.trajectory import Series, forecast


def main() -> None:
    catalog = load_catalog()
    chosen = population_for(catalog, "hamd17", "oral_antidepressant")
    cut = catalog.definitions[catalog.verdict.default_definition].remission["hamd17"].at_most
    if chosen is None:
        raise SystemExit("found no population for hamd17; allowed: one in knowledge/trajectory")
    print("| trial | forecasts | RMSE | 90 % covers | Brier | said under 10 %: remitted | said over 60 %: remitted |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for trial in TRIALS:
        rows = [row for series in read_trial(*trial) for row in forecasts_of(chosen[0], series, cut)]
        p, remitted, error, covered = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        low, high = remitted[p < 0.1], remitted[p >= 0.6]
        brier = np.mean((p - remitted) ** 2)
        print(
            f"| {trial[0].split('_')[0]} | {len(rows)} | {np.sqrt(np.mean(error**2)):.2f} | {covered.mean():.0%} | {brier:.3f} "
            f"| {low.mean():.0%} of {len(low)} | {high.mean():.0%} of {len(high)} |"
        )


def forecasts_of(population, series: Series, cut: float) -> list[tuple[float, bool, float, bool]]:
    """The chance of remission at the last visit, whether it came, the error, and whether the 90 % interval held; from 2, 3, … ratings."""
    rows = []
    week, total = series.elapsed_weeks[-1], series.totals[-1]
    for count in range(2, len(series.totals)):
        found = forecast(population, Series(series.elapsed_weeks[:count], series.totals[:count]), [week])
        low, high = found.quantile(0.05)[0] - 0.5, found.quantile(0.95)[0] + 0.5
        rows.append((found.prob_at_most(cut)[0], total <= cut, found.mean[0] - total, low <= total <= high))
    return rows


if __name__ == "__main__":
    main()
