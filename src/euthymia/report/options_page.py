"""The options as the page shows them: what `templates/options.html` needs, in words."""

from typing import Any

from euthymia.options import Options, OptionView
from euthymia.report.options_words import (
    CERTAINTY_WORDS,
    LOOKED_SHAPES,
    LOOKED_WORDS,
    STATUS_OF_FACTS,
    asks_for_studies,
    briefly,
    certainty,
    evidence_lines,
    grouped,
    looked_briefly,
    looked_line,
    nothing_offered,
)

_TITLES = {
    "evidence": "Evidence",
    "figures": "Figures",
    "does not match": "Does not match this patient",
    "not known here": "Not known here",
    "guidelines": "Guidelines",
}


def decide_view(options: Options) -> dict[str, Any]:
    """Everything that the section "Decide" of a page shows."""
    return {
        "question": options.question,
        "nothing": nothing_offered(options),
        "differential": [
            {"shape": LOOKED_SHAPES[item.state], "state": item.state, "words": looked_line(item)} for item in options.differential
        ],
        "looked": "; ".join(f"{LOOKED_WORDS[s]}: {line}" for s in ("present", "cannot_tell") if (line := looked_briefly(options, s))),
        "groups": [{"name": group.name, "views": [_view(view) for view in group.views]} for group in grouped(options.offered)],
        "withheld": [_view(view) for view in options.withheld],
        "order": options.order,
        "not_applicable": options.not_applicable,
    }


def _view(view: OptionView) -> dict[str, Any]:
    evidence: dict[str, list[str]] = {}
    for kind, line in evidence_lines(view):
        evidence.setdefault(_TITLES[kind], []).append(line)
    here = view.evidence.certainty_here if view.evidence else "none"
    parts = [("Why it is listed", view.why), ("Against it here", view.against), ("To know first", view.know_first)]
    return {
        "id": view.id,
        "name": f"{view.name[:1].upper()}{view.name[1:]}",
        "what": view.what,
        "here": CERTAINTY_WORDS[here],
        "level": here,
        "sure": asks_for_studies(view),
        "held": list(view.blocked_by),
        "held_briefly": briefly(view.blocked_by[0]) if view.blocked_by else "",
        "parts": [{"title": title, "lines": list(lines)} for title, lines in parts if lines],
        "against": len(view.against),
        "certainty": certainty(view),
        "evidence": [{"title": title, "lines": lines} for title, lines in evidence.items()],
        "regulatory": view.regulatory,
        "monitoring": list(view.monitoring),
        "basis": STATUS_OF_FACTS[view.basis],
    }
