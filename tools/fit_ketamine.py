"""Parameters of a MADRS ketamine population from the NIMH crossover and from published arms, with their uncertainty and provenance.

`.venv/bin/python tools/fit_ketamine.py` prints them and writes tools/literature/sets.toml. With `--tuned` it also searches what the
structure can reach on the checked trials themselves (minutes). No figure of Singh 2016, Phillips 2019 or SUSTAIN-1 is in [acute].
"""

import sys
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from literature import nimh, pooled, published, search
from literature.people import Ketamine
from literature.published import Contrast

OUT = Path(__file__).parent / "literature/sets.toml"
# Five ratings a person tell nothing of how much these differ between people: stated, as in the shipped population.
RATE_LOG_SD, WANE_LOG_SD = 0.5, 0.3
# ρ: prior mass near 0 (TRAJECTORY.md), Beta(1, 6): mean 0.14, sd 0.12. Stated; what the contrasts say of it is printed.
CARRY, CARRY_SD = 0.14, 0.12
SINGH = (
    Contrast("singh_2016", -12.7, 3.81, 34, 14, (0, 3, 7, 10)),
    Contrast("singh_2016", -14.6, 2.27, 33, 14, (0, 2, 4, 7, 9, 11)),
)
# The same people had ketamine and saline.
CROSSOVERS = ("crossover_24h",)
TRIES = {"series": 500, "sustain": 400}


def main() -> None:
    data = published.read()
    people = nimh.read()
    fits = {rule: nimh.fit(people, rule) for rule in nimh.RULES}
    say_nimh(people, fits)
    values, sds, _ = fits[nimh.RULES[0]]
    say_contrasts(data, (values["wane"], sds["wane"]))
    found = acute(data, values, sds, (len(people), sum(len(p.totals) for p in people)))
    kept = tomllib.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else {}
    sets = {"acute": found, **{k: v for k, v in kept.items() if k.startswith("tuned")}}
    if "--tuned" in sys.argv[1:]:
        sets |= tuned(data, found)
    OUT.write_text(HEAD + "\n".join(as_toml(name, table) for name, table in sets.items()), encoding="utf-8")
    print(OUT.read_text(encoding="utf-8"))


def say_nimh(people: list[nimh.Person], fits: dict[str, Any]) -> None:
    """The crossover under three readings of what a rating asks about."""
    print(
        f"NIMH crossover: {len(people)} people, {sum(len(p.totals) for p in people)} ratings (exact Gaussian likelihood, weak densities)\n"
    )
    print("| what a rating asks about | log likelihood | m_a | sd between people | κ per week | λ | σ_x | σ_y |")
    print("| --- " * 8 + "|")
    for rule, (v, s, fit) in fits.items():
        wane = f"{v['wane']:.2f} (×/÷ {np.exp(s['wane']):.2f})"
        rest = f"{v['rate']:.2f} | {v['wandering_sd']:.1f} | {v['rating_sd']:.1f}"
        print(f"| {rule} | {fit:.1f} | {v['effect_mean']:.1f} ± {s['effect_mean']:.1f} | {v['effect_sd']:.1f} | {wane} | {rest} |")


def say_contrasts(data: dict[str, Any], wane: tuple[float, float]) -> None:
    """What the controlled contrasts say of ρ and of the effect beyond control, with and without Singh 2016."""
    contrasts = [c for c in published.contrasts(data) if c.study != "nimh"]
    print("\nControlled contrasts (κ's density from the crossover; ρ flat over the values shown)\n")
    print("| contrasts | " + " | ".join(f"ρ={r:g}" for r in pooled.CARRIES) + " | effect beyond control at ρ = 0 | sd between studies |")
    print("| --- | " + " | ".join("---" for _ in pooled.CARRIES) + " | --- | --- |")
    for name, chosen in (("without the checked trials", contrasts), ("with Singh's two (in sample)", [*contrasts, *SINGH])):
        density = pooled.grid(chosen, wane)
        everywhere, zero = pooled.summary(density), pooled.summary(density, 0.0)
        shares = " | ".join(f"{p:.2f}" for p in everywhere.carry.values())
        print(f"| {name} | {shares} | {zero.effect[0]:.1f} ± {zero.effect[1]:.1f} | {zero.between:.1f} |")


def acute(data: dict[str, Any], v: dict[str, float], s: dict[str, float], counts: tuple[int, int]) -> dict[str, Any]:
    """The proposed set: the crossover for the individual spreads, arms of four studies for m_a and expectancy."""
    total = pooled.fall_after_a_session(data, "ketamine", v["wane"])
    control = pooled.fall_after_a_session(data, "control", v["wane"])
    share = control.mean / total.mean
    print(f"\nfall after one session: {total}\nafter a control session: {control}; share {share:.2f}")
    held = share * pooled.share_of(27, search.TWO_A_WEEK_FOUR_WEEKS, v["wane"], CARRY)
    wander = v["wandering_sd"] ** 2 / (2 * v["rate"]) * (1 - np.exp(-8 * v["rate"]))
    fall, spread = pooled.course_without_drug(
        data, (v["rate"], RATE_LOG_SD), wander + 2 * v["rating_sd"] ** 2, (held * total.mean, (held * v["effect_sd"]) ** 2)
    )
    chosen = Ketamine(
        rate=v["rate"], rate_log_sd=RATE_LOG_SD, wandering_sd=v["wandering_sd"], rating_sd=v["rating_sd"], start_mean=v["start_mean"],
        start_sd=v["start_sd"], set_point_fall=v["start_mean"] - v["set_point_at_mean"], set_point_slope=v["set_point_slope"],
        set_point_sd=v["set_point_sd"], drift_sd=0.0, effect_mean=total.mean, effect_sd=v["effect_sd"], wane=v["wane"],
        wane_log_sd=WANE_LOG_SD, carry=CARRY, placebo_share=share,
    )  # fmt: skip
    log = ("rate", "wandering_sd", "rating_sd", "set_point_sd", "effect_sd", "wane")
    unsure = {f"log_{name}": round(s[name], 3) for name in log} | {
        "effect_mean": round(float(np.hypot(total.se, total.between)), 2),
        "effect_mean_se": round(total.se, 2),
        "effect_mean_between_studies": round(total.between, 2),
        "carry": CARRY_SD,
        "set_point_fall": round(float(np.hypot(s["set_point_at_mean"], control.between)), 2),
        "set_point_slope": round(s["set_point_slope"], 3),
        "placebo_share": round(float(np.hypot(control.se, control.between) / total.mean), 2),
    }
    return {
        **{k: round(x, 3) for k, x in asdict(chosen).items()},
        "unsure": unsure,
        "new_antidepressant": {"set_point_fall": round(fall, 2), "set_point_sd": round(spread, 2), "start_sd": 5.5},
        "source": {
            "people": counts[0], "ratings": counts[1], "arm_level_people": people_of(data),
            "arm_level_studies": total.studies + len({c["study"] for c in data["courses"].values()}) - 1,
            "data": "NIMH crossover (ds005917): all but m_a, ρ and the course with a new antidepressant. Arms: m_a, placebo share.",
        },
    }  # fmt: skip


def people_of(data: dict[str, Any]) -> int:
    """How many people stand behind the arms and courses: once each in a crossover, the NIMH people (counted apart) left out."""
    arms = [
        arm for arm in data["arms"].values() if arm["study"] != "nimh" and not (arm["study"] in CROSSOVERS and arm["given"] == "control")
    ]
    return sum(entry["n"] for entry in (*arms, *data["courses"].values()))


def tuned(data: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Two sets tuned on the checked trials, and how well each ρ can do on the series."""
    figures, design = published.figures(data), data["design"]
    start = Ketamine(**{name: found[name] for name in Ketamine.__dataclass_fields__ if name in found})
    series = search.series_loss(figures, design)
    sets = {}
    for rho in (0.0, 0.3, 1.0):
        print(
            f"\nρ held at {rho}: best loss on Singh and Phillips {search.search(start, series, search.FALL['series'], 11, 200, rho)[0]:.1f}"
        )
    for name, loss in (("series", series), ("sustain", search.sustain_loss(figures, design))):
        carry = None if name == "series" else CARRY
        best, chosen = search.search(start.but(start_sd=5.5), loss, search.FALL[name], 11, TRIES[name], carry)
        print(f"tuned on {name}: loss {best:.1f}")
        sets[f"tuned_{name}"] = {k: round(float(x), 3) for k, x in asdict(chosen).items()} | {"source": {"loss": round(best, 1)}}
    return sets


def as_toml(name: str, table: dict[str, Any]) -> str:
    """One table with its sub-tables."""
    lines = [f"[{name}]", *(f"{k} = {_value(v)}" for k, v in table.items() if not isinstance(v, dict))]
    for key, inner in table.items():
        if isinstance(inner, dict):
            lines += ["", f"[{name}.{key}]", *(f"{k} = {_value(v)}" for k, v in inner.items())]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


HEAD = """# Made by `tools/fit_ketamine.py`; do not edit. Points of MADRS, weeks; names as in tools/literature/people.py.
# [acute]: nothing of Singh 2016, Phillips 2019 or SUSTAIN-1 in it. `unsure`: sd of each (of the logarithm where it says log).
# [tuned_...]: found by random search on those trials' own figures; they show what it would take and check nothing.

"""

if __name__ == "__main__":
    main()
