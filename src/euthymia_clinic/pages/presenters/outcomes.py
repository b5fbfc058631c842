"""How a site does, from its own records: statuses over time, remission among those with data, time to remission, calibration."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from euthymia.report.words import percent
from euthymia.wording import STATUS_ORDER, STATUS_SHAPES, STATUS_WORDS
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.chart.models import PanelRow

# Of so many patients at most the whole course is read for one page; where there are more, a sample, and the page says so.
AT_MOST = 400
MONTHS = 12


@dataclass(frozen=True)
class Course:
    """What the last review of one patient says of the whole episode: day and status of every step, by rising day."""

    index: date | None
    steps: tuple[tuple[date, str], ...]
    responded: bool | None

    @property
    def status(self) -> str:
        return self.steps[-1][1] if self.steps else "cannot_tell"


@dataclass(frozen=True)
class Month:
    """How many patients had which status at the end of a month."""

    name: str
    counts: dict[str, int]
    total: int


@dataclass(frozen=True)
class Standing:
    """One status now: its shape and words, how many, and the share of all in care."""

    status: str
    shape: str
    words: str
    count: int
    share: float


@dataclass(frozen=True)
class CurvePoint:
    """From this day after the index on: the share in remission at some time (Kaplan–Meier), and how many are still followed."""

    day: int
    share: float
    at_risk: int


def course_in(packed: bytes) -> Course:
    """The course that a stored review holds."""
    said = json.loads(zlib.decompress(packed))
    index = (said["episode"].get("index") or {}).get("day")
    change = (said["outcomes"] or {}).get("change") or {}
    steps = tuple((date.fromisoformat(step["day"]), str(step["status"])) for step in said["verdict"]["steps"])
    return Course(date.fromisoformat(index) if index else None, steps, _responded(change))


def standings(site: Site) -> list[Standing]:
    """The statuses of everyone in care, now."""
    statuses = PanelRow.objects.filter(site=site, patient__in_care=True).values_list("status", flat=True)
    counts = Counter(statuses)
    total = sum(counts.values())
    return [
        Standing(status, STATUS_SHAPES[status], STATUS_WORDS[status], counts[status], counts[status] / total if total else 0.0)
        for status in STATUS_ORDER
        if counts[status]
    ]


def courses(site: Site) -> list[Course]:
    """The course of everyone in care, of AT_MOST patients at most."""
    rows = PanelRow.objects.filter(site=site, patient__in_care=True, snapshot__isnull=False).order_by("patient")
    packed = rows.values_list("snapshot__review", flat=True)[:AT_MOST]
    return [course_in(bytes(each)) for each in packed]


def months_of(found: Sequence[Course], today: date) -> list[Month]:
    """The statuses at the end of each of the last months, of those whose episode had begun."""
    return [_month(found, end) for end in _ends(today)]


def time_to_remission(found: Iterable[Course]) -> list[CurvePoint]:
    """Kaplan–Meier: from the index to the first day in remission; whoever has not been there is followed to their last step."""
    spans = []
    for course in found:
        if course.index is None or not course.steps:
            continue
        reached = next((day for day, status in course.steps if status == "remission"), None)
        last = reached or course.steps[-1][0]
        spans.append(((last - course.index).days, reached is not None))
    return kaplan_meier(spans)


def kaplan_meier(spans: Sequence[tuple[int, bool]]) -> list[CurvePoint]:
    """Of (days followed, whether it came then): the share to whom it has come, after each day on which it came to somebody."""
    points, staying = [CurvePoint(0, 0.0, len(spans))], 1.0
    for day in sorted({days for days, came in spans if came}):
        at_risk = sum(days >= day for days, _ in spans)
        came = sum(days == day and hit for days, hit in spans)
        staying *= 1 - came / at_risk
        points.append(CurvePoint(day, 1 - staying, at_risk))
    return points


def median_days(curve: Sequence[CurvePoint]) -> int | None:
    """After how many days half had been in remission; None where it was not half."""
    return next((point.day for point in curve if point.share >= 0.5), None)


def curve_path(curve: Sequence[CurvePoint], width: int, height: int) -> str:
    """The curve as the path of an SVG of this size."""
    if len(curve) < 2:
        return ""
    longest = curve[-1].day or 1
    path = [f"M0,{height:.1f}"]
    for point in curve[1:]:
        path += [f"H{point.day / longest * width:.1f}", f"V{height - point.share * height:.1f}"]
    return " ".join(path)


def among(found: Sequence[Course]) -> dict[str, Any]:
    """Remission and response among those with data, and how many have none: the missing are said, and counted as neither."""
    known = [course for course in found if course.status != "cannot_tell"]
    answered = [course for course in known if course.responded is not None]
    remitted, responded = sum(course.status == "remission" for course in known), sum(bool(course.responded) for course in answered)
    return {
        "known": len(known),
        "missing": len(found) - len(known),
        "remitted": remitted,
        "remission": percent(remitted / len(known)) if known else "not known",
        "answered": len(answered),
        "responded": responded,
        "response": percent(responded / len(answered)) if answered else "not known",
    }


def _responded(change: dict[str, Any]) -> bool | None:
    found = change.get("response")
    return None if found is None else found == "response"


def _ends(today: date) -> list[date]:
    """Today, and the first days of the months before it, oldest first."""
    months = [(today.year * 12 + today.month - 1) - back for back in range(MONTHS - 1)]
    return [*(date(month // 12, month % 12 + 1, 1) for month in reversed(months)), today]


def _month(found: Sequence[Course], end: date) -> Month:
    held = (next((status for day, status in reversed(course.steps) if day <= end), None) for course in found)
    counts = Counter(status for status in held if status)
    return Month(f"{end.day} {end:%b %Y}", {status: counts[status] for status in STATUS_ORDER if counts[status]}, sum(counts.values()))
