"""A site whose own population knows what a session does: MADRS under ketamine, made up, and nothing that was fitted."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from euthymia.catalog import Catalog
from euthymia.loading import load_catalog
from euthymia.population import PopulationParameters

START = date(2026, 1, 5)
PARAMETERS = {
    "rate_per_week": 0.3,
    "wandering_sd": 2.5,
    "rating_sd": 3.0,
    "set_point_sd": 6.0,
    "wane_per_week": 0.7,
    "carry": 0.2,
    "start_mean": 30.0,
    "start_sd": 5.0,
    "set_point_mean": 16.0,
    "set_point_slope": 0.5,
    "set_point_drift_sd": 0.5,
    "set_point_step_sd": 4.0,
    "effect_mean": 8.0,
    "effect_sd": 4.0,
    "outlier_share": 0.02,
    "recall_share": 0.2,
}
COUNT = len(PopulationParameters.model_fields)
ROW = f"    {[0.0] * COUNT},\n"
PLACE = "trajectory/madrs_ketamine.toml"


def population_text(**parameters: float) -> str:
    """The population's file, with other parameters where they are given."""
    values = "\n".join(f"{name} = {value}" for name, value in (PARAMETERS | parameters).items())
    return f"""
id = "madrs_ketamine"
name = "MADRS, ketamine, made up"
instrument = "madrs"
scale = "identity"
protocols = ["ketamine_iv"]
covariance = [
{ROW * COUNT}]

[parameters]
{values}

[source]
people = 40
ratings = 400
data = "Made up for the tests."
licence = "Made up for the tests."
command = "none"
treatments = "Made up for the tests."

[borrowed]
variance_factor = 1.5
status = "design"
note = "Made up for the tests."
"""


@cache
def clinic(**parameters: float) -> Catalog:
    """The catalog of that site: the shipped knowledge, and over it the population."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / PLACE
        place.parent.mkdir()
        place.write_text(population_text(**parameters), encoding="utf-8")
        return load_catalog(folder)


def day(offset: float) -> str:
    return (START + timedelta(days=offset)).isoformat()


def madrs(offset: int, total: float, **more: Any) -> dict[str, Any]:
    return {"kind": "assessment", "id": f"m{offset}", "at": day(offset), "instrument": "madrs", "total": total, **more}


def infusion(offset: int) -> dict[str, Any]:
    return {"kind": "dose_session", "id": f"s{offset}", "at": day(offset), "treatment": "ketamine"}


def plan(offset: int = 0, phase: str = "series", **more: Any) -> dict[str, Any]:
    return {"kind": "plan", "id": f"plan{offset}", "at": day(offset), "protocol": "ketamine_iv", "phase": phase, **more}
