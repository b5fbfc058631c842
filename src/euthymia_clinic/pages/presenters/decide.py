"""The form of a decision: what can be chosen, what was chosen, what was found wrong with it at which field."""

from collections.abc import Mapping
from typing import Any, get_args

from euthymia.catalog import Catalog
from euthymia.deciding import next_day
from euthymia.events import Disposition
from euthymia.options import OptionView
from euthymia.report.titration_words import titration_view
from euthymia.reviewing import Review
from euthymia_clinic.pages.presenters.chart import DISPOSITIONS

UNCHANGED: tuple[Disposition, ...] = ("continue", "measure_again", "hold_by_agreement")
TEXTS = ("reason", "reason_code", "next_decision", "second_opinion", "patient_reason")
# As the core names what it refuses -> the field of the form.
_FIELDS = {"disposition": "choice", "option": "choice", "reason code": "reason_code", "next": "next_decision"}


class ChoiceError(Exception):
    """Nothing that can be decided was chosen."""


def said_in(post: Mapping[str, str], catalog: Catalog) -> dict[str, Any]:
    """The fields of a decision, from the form. Raises ChoiceError."""
    kind, _, chosen = post.get("choice", "").partition(":")
    said: dict[str, Any] = {name: post.get(name, "").strip() for name in TEXTS}
    if kind == "option" and chosen in catalog.options:
        said |= {"option": chosen, "disposition": catalog.options[chosen].disposition}
    elif kind in get_args(Disposition) and not chosen:
        said["disposition"] = kind
    else:
        raise ChoiceError(f"found {post.get('choice', '') or 'nothing'!r}; allowed: one of the list")
    if said["disposition"] == "hold_by_agreement":
        said["offered"] = tuple(line.strip() for line in post.get("offered", "").splitlines() if line.strip())
    else:
        said["patient_reason"] = ""
    return said


def problems_in(refused: str) -> dict[str, list[str]]:
    """What was refused, by the field of the form; what belongs to none of them under the empty name."""
    found: dict[str, list[str]] = {}
    for line in refused.splitlines():
        place, colon, words = line.partition(": ")
        field = _FIELDS.get(place, place) if colon else ""
        known = field in {"choice", "offered", *TEXTS}
        found.setdefault(field if known else _field_of(line), []).append(words if known else line)
    return found


def _field_of(line: str) -> str:
    """The core says of two wants what is needed, without a place."""
    return "reason" if "without a reason" in line else "patient_reason" if "hold by agreement" in line else ""


def form_of(review: Review, catalog: Catalog, digest: str, given: Mapping[str, str], problems: dict[str, list[str]]) -> dict[str, Any]:
    """What the template shows. `given`: what was chosen already; the next day is proposed where none was."""
    proposed = next_day(review.position, review.episode.plan.phase.decision_every_weeks, catalog, review.on)
    values = {name: given.get(name, "") for name in ("choice", "offered", *TEXTS)}
    if "next_decision" not in given:
        values["next_decision"] = proposed.isoformat()
    return {
        "digest": digest,
        "chosen": values,
        "problems": problems,
        "groups": list(_groups(review.options.offered)),
        "unchanged": [(name, DISPOSITIONS[name]) for name in UNCHANGED],
        "others": [(name, words) for name, words in DISPOSITIONS.items() if name not in UNCHANGED],
        "dispositions": {f"option:{view.id}": view.disposition for view in review.options.offered},
        "reasons": [(reason.id, reason.words, " ".join(reason.dispositions)) for reason in catalog.decisions.reasons],
        "needs": review.decisions.due.needs if review.decisions.due else (),
        "first": review.on.isoformat(),
        "titration": titration_view(review),
    }


def _groups(offered: tuple[OptionView, ...]) -> list[tuple[str, list[OptionView]]]:
    names = list(dict.fromkeys(view.group_name for view in offered))
    return [(name, [view for view in offered if view.group_name == name]) for name in names]
