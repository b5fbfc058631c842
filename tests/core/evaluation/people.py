"""Made-up cohorts for the tests of the evaluation."""

import numpy as np

from euthymia.evaluation import Cohort, Person, Scale

PHQ9 = Scale("PHQ-9", 0.0, 27.0, 1.0, 4.0, 14.0)


def cohort(people: int = 24, ratings: int = 5, seed: int = 3, scale: Scale = PHQ9) -> Cohort:
    """Each person's ratings approach a level of their own."""
    draw = np.random.default_rng(seed)
    found = []
    for number in range(people):
        toward, level, totals = draw.uniform(0, 14), draw.normal(17, 3), []
        for _ in range(ratings):
            totals.append(scale.on_grid(level + draw.normal(0, 1.5)))
            level += 0.45 * (toward - level) + draw.normal(0, 1)
        found.append(Person(f"p{number}", list(range(ratings)), totals))
    return Cohort("made-up", scale, tuple(found))


def as_csv(found: Cohort) -> str:
    rows = [f"{p.label},{week},{total:g}" for p in found.people for week, total in zip(p.weeks, p.totals, strict=True)]
    return "\n".join(["patient,week,total", *rows]) + "\n"
