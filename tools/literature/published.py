"""Reads published.toml, refuses a number without reference and status, and computes the intervals that were not published."""

import tomllib
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from scipy.stats import norm, t

FILE = Path(__file__).with_name("published.toml")
STATUSES = ("verified", "recalled", "computed")
INTERVALS = ("published", "computed")


@dataclass(frozen=True)
class Figure:
    """One published number with its interval."""

    key: str
    trial: str
    what: str
    unit: str
    value: float
    low: float
    high: float
    interval: str
    status: str
    ref: str
    note: str = ""

    def holds(self, simulated: float) -> bool:
        """Whether a simulated number lies inside the interval, ends included."""
        return self.low <= simulated <= self.high


@dataclass(frozen=True)
class Contrast:
    """Ketamine minus control on a day, after sessions on given days."""

    study: str
    value: float
    se: float
    n: int
    day: float
    sessions: tuple[float, ...]


def read(path: Path = FILE) -> dict[str, Any]:
    """The file as it stands. Raises ValueError naming the entry and what it lacks."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for table in ("figures", "contrasts", "design", "arms", "courses"):
        for key, entry in data[table].items():
            _check(f"{table}.{key}", entry, data["references"])
    return data


def _check(name: str, entry: dict[str, Any], references: dict[str, Any]) -> None:
    if entry.get("status") not in STATUSES:
        raise ValueError(f"{name}: found status {entry.get('status')!r}; allowed: {', '.join(STATUSES)}")
    if entry.get("ref") not in references:
        raise ValueError(f"{name}: found ref {entry.get('ref')!r}; allowed: an id of [references]")
    if entry["status"] == "recalled" and entry.get("confidence") not in ("high", "medium", "low"):
        raise ValueError(f"{name}: found a recalled number without confidence; allowed: high, medium or low")
    if references[entry["ref"]]["seen"] == "not seen" and entry["status"] == "verified":
        raise ValueError(f"{name}: found a verified number of a source that was not seen; allowed: recalled")


def figures(data: dict[str, Any]) -> dict[str, Figure]:
    """Every figure with its interval, in the order of the file."""
    return {key: _figure(key, entry) for key, entry in data["figures"].items()}


def _figure(key: str, entry: dict[str, Any]) -> Figure:
    low, high = interval_of(entry)
    if entry["interval"] not in INTERVALS:
        raise ValueError(f"figures.{key}: found interval {entry['interval']!r}; allowed: {', '.join(INTERVALS)}")
    kept = {name: entry[name] for name in ("trial", "what", "unit", "value", "interval", "status", "ref")}
    return Figure(key=key, low=low, high=high, note=entry.get("note", ""), **kept)


def interval_of(entry: dict[str, Any]) -> tuple[float, float]:
    """As written; else of a share (count of n) or of a mean (sd and n)."""
    if "low" in entry:
        return float(entry["low"]), float(entry["high"])
    if "count" in entry:
        return wilson(entry["count"], entry["n"])
    return mean_interval(entry["value"], entry["sd"], entry["n"])


def contrasts(data: dict[str, Any]) -> list[Contrast]:
    """Every contrast of the file."""
    return [
        Contrast(c["study"], c["value"], c["se"], c["n"], c["day"], tuple(float(d) for d in c["sessions"]))
        for c in data["contrasts"].values()
    ]


def wilson(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The Wilson interval of a share."""
    if not 0 <= count <= n or n < 1:
        raise ValueError(f"found {count} of {n}; allowed: 0 to n of at least one")
    z = float(norm.ppf((1 + level) / 2))
    share, scale = count / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_interval(mean: float, sd: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Student's interval of a mean from its sd and number of people."""
    half = float(t.ppf((1 + level) / 2, n - 1)) * sd / sqrt(n)
    return mean - half, mean + half
