"""Published against simulated: Singh 2016, Phillips 2019 and SUSTAIN-1, as a Markdown table.

`.venv/bin/python tools/check_literature.py [--draws N] [--people N]`. The sets of parameters are tools/literature/sets.toml: `acute` has
nothing of these trials in it; `ρ = 1` is the same set with effects that stack (the rival); `tuned` was fitted to these very figures.
"""

import argparse
import tomllib
from collections.abc import Mapping
from math import isfinite, isinf
from pathlib import Path
from typing import Any

import numpy as np
from literature import published
from literature.people import Ketamine
from literature.published import Figure
from literature.sustain import sustain
from literature.trials import phillips, phillips_weekly, singh

COLUMNS = ("stable_remission", "stable_response", "remitters_on", "remitters_off", "remitters_ratio")
COLUMNS += ("responders_on", "responders_off", "responders_ratio")
# What the acute data do not tell, or tell badly; the last row is two of them at once.
OTHER: tuple[tuple[str, dict[str, float]], ...] = (
    ("acute", {}),
    ("drift q = 1", {"drift_sd": 1.0}),
    ("drift q = 2", {"drift_sd": 2.0}),
    ("drift q = 4", {"drift_sd": 4.0}),
    ("step σ_Δ = 4", {"step_sd": 4.0}),
    ("step σ_Δ = 8", {"step_sd": 8.0}),
    ("wandering σ_x = 7.5", {"wandering_sd": 7.5}),
    ("wandering σ_x = 10", {"wandering_sd": 10.0}),
    ("set points σ_μ = 8", {"set_point_sd": 8.0}),
    ("waning κ = 0.25", {"wane": 0.25}),
    ("waning κ = 0.8", {"wane": 0.8}),
    ("placebo holds nothing", {"placebo_share": 1e-9}),
    ("σ_μ = 8, σ_x = 8, q = 1", {"set_point_sd": 8.0, "wandering_sd": 8.0, "drift_sd": 1.0}),
)
SETS = Path(__file__).parent / "literature/sets.toml"
FIELDS = tuple(Ketamine.__dataclass_fields__)
MIDDLE = (10, 90)
BOUNDS = {"carry": (0.0, 1.0), "placebo_share": (0.0, 1.0), "set_point_slope": (0.0, 1.2)}


def main() -> None:
    asked = arguments()
    data, sets = published.read(), tomllib.loads(SETS.read_text(encoding="utf-8"))
    print("\n".join(structure(data, sets, asked.people) if asked.structure else table(data, sets, asked.people, asked.draws)))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description="published against simulated ketamine trials")
    parser.add_argument("--people", type=int, default=6000, help="simulated people an arm")
    parser.add_argument("--draws", type=int, default=60, help="draws of the uncertain parameters, for the 80 %% in brackets")
    parser.add_argument("--structure", action="store_true", help="SUSTAIN-1 under other values of what the acute data do not tell")
    return parser.parse_args()


def population(table: Mapping[str, Any], part: str | None = None) -> Ketamine:
    """A set as a population; `part` is a sub-table that replaces some numbers."""
    return Ketamine(**{name: table[name] for name in FIELDS if name in table}).but(**(table[part] if part else {}))


def simulated(series: Ketamine, long: Ketamine, design: dict[str, Any], n: int, seed: int = 0) -> dict[str, float]:
    """Every figure of the three trials: the first two from `series`, SUSTAIN-1 from `long`."""
    found = singh(series, design, n, seed + 1) | phillips(series, design, n, seed + 2) | phillips_weekly(series, design, n, seed + 3)
    return found | sustain(long, design, 2 * n, seed + 4)


def table(data: dict[str, Any], sets: Mapping[str, Any], n: int, draws: int) -> list[str]:
    """The Markdown table, and below it how many are inside."""
    figures, design, acute = published.figures(data), data["design"], sets["acute"]
    pairs = {"acute": (population(acute), population(acute, "new_antidepressant"))}
    pairs["ρ = 1"] = tuple(p.but(carry=1.0) for p in pairs["acute"])
    if "tuned_series" in sets:
        pairs["tuned"] = (population(sets["tuned_series"]), population(sets["tuned_sustain"]))
    found = {name: simulated(*pair, design, n) for name, pair in pairs.items()}
    band = bands(acute, design, draws)
    names = " | ".join(f"{name} | inside" for name in found)
    lines = [f"| trial | figure | published [95 %] | status | {names} |", "| --- " * (4 + 2 * len(found)) + "|"]
    lines += [row(figure, found, band.get(key)) for key, figure in figures.items()]
    inside = {name: sum(f.holds(values[key]) for key, f in figures.items()) for name, values in found.items()}
    return [*lines, "", *(f"{name}: {count} of {len(figures)} inside" for name, count in inside.items())]


def row(figure: Figure, found: Mapping[str, Mapping[str, float]], band: tuple[float, float] | None) -> str:
    """One line: the figure with its interval, then each set's number and whether it is inside."""
    computed = "" if figure.interval == "published" else " c"
    interval = f"{said(figure, figure.value)} [{said(figure, figure.low)}, {said(figure, figure.high)}{computed}]"
    cells = []
    for name, values in found.items():
        number = values[figure.key]
        spread = f" ({said(figure, band[0])} to {said(figure, band[1])})" if band and name == "acute" else ""
        cells += [said(figure, number) + spread, "yes" if figure.holds(number) else "**no**"]
    return f"| {figure.trial} | {figure.what} | {interval} | {figure.status} | " + " | ".join(cells) + " |"


def said(figure: Figure, value: float) -> str:
    """A number in the unit of its figure."""
    if isinf(value):
        return "not reached"
    if not isfinite(value):
        return "none"
    if figure.unit == "share":
        return f"{100 * value:.0f} %"
    return f"{value:.2f}" if figure.unit == "ratio" else f"{value:.0f}" if figure.unit in ("days", "infusions") else f"{value:.1f}"


def structure(data: dict[str, Any], sets: Mapping[str, Any], n: int) -> list[str]:
    """SUSTAIN-1 alone, with one number of the acute set changed at a time; in bold what is outside the published interval."""
    figures, centre = published.figures(data), population(sets["acute"], "new_antidepressant")
    chosen = [figures[f"sustain_{name}"] for name in COLUMNS]
    rows = [(name, centre.but(**changes)) for name, changes in OTHER]
    if "tuned_sustain" in sets:
        rows.append(("tuned on these figures", population(sets["tuned_sustain"])))
    lines = ["| changed | " + " | ".join(name.replace("_", " ") for name in COLUMNS) + " |", "| --- " * (1 + len(COLUMNS)) + "|"]
    lines.append("| published | " + " | ".join(f"{said(f, f.value)} [{said(f, f.low)}, {said(f, f.high)}]" for f in chosen) + " |")
    for name, people in rows:
        found = sustain(people, data["design"], 3 * n, 4)
        cells = [said(f, found[f.key]) if f.holds(found[f.key]) else f"**{said(f, found[f.key])}**" for f in chosen]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def bands(acute: Mapping[str, Any], design: dict[str, Any], draws: int, n: int = 1500) -> dict[str, tuple[float, float]]:
    """The central 80 % of each figure when the parameters vary by their uncertainty, between-study variance included."""
    if not draws:
        return {}
    generator, drawn = np.random.default_rng(7), []
    for number in range(draws):
        series = varied(population(acute), acute["unsure"], generator)
        fall = acute["new_antidepressant"]["set_point_fall"] + series.set_point_fall - acute["set_point_fall"]
        long = series.but(**{**acute["new_antidepressant"], "set_point_fall": fall})
        drawn.append(simulated(series, long, design, n, 100 * number))
    return {key: tuple(np.nanpercentile([d[key] for d in drawn], MIDDLE, method="nearest")) for key in drawn[0]}


def varied(centre: Ketamine, unsure: Mapping[str, float], generator: np.random.Generator) -> Ketamine:
    """One draw of the uncertain parameters, independent of one another."""
    changed = {}
    for name, sd in unsure.items():
        if name.startswith("log_"):
            changed[name[4:]] = getattr(centre, name[4:]) * float(np.exp(generator.normal(0, sd)))
        elif name in FIELDS:
            low, high = BOUNDS.get(name, (-np.inf, np.inf))
            changed[name] = float(np.clip(generator.normal(getattr(centre, name), sd), low, high))
    return centre.but(**changed)


if __name__ == "__main__":
    main()
