"""A review in the terminal, in the reading order of every rendering; and many patients, one line each, worst first.

Statuses are a word and a shape; colour only repeats them. Everything is `Text`: nothing in a record is markup.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from euthymia.report.combination_words import combination_lines
from euthymia.report.follow_up_words import terminal_lines
from euthymia.report.home_words import home_lines
from euthymia.report.options_terminal import decide_section
from euthymia.report.options_words import certainty, evidence_lines
from euthymia.report.plot import COLOURS, severity_plot, sparkline
from euthymia.report.review_words import decision_lines, history_lines, position_lines
from euthymia.report.rules_words import RuleLine, rule_lines
from euthymia.report.titration_words import titration_lines
from euthymia.report.words import (
    DOMAIN_WORDS,
    FINDING_SHAPES,
    NOT_ADOPTED,
    TONES,
    badge,
    chance_rests_on,
    chance_title,
    data_lines,
    domain_now,
    due_words,
    finding_words,
    panel_row,
    percent,
    printable,
    provenance_lines,
    safety_line,
    standing,
    status_counts,
    worst_first,
)
from euthymia.reviewing import Review
from euthymia.wording import STATUS_SHAPES, STATUS_WORDS

_FINDING_STYLES = {"positive": "bold red", "cannot_tell": "bold", "negative": "green"}


def print_review(review: Review, console: Console) -> None:
    """Print one review."""
    console.print(Group(*_parts(review, console.width)), highlight=False)


def print_brief(review: Review, console: Console) -> None:
    """Print the answer, the options and what is to be decided, and no more."""
    parts = [*_head(review), Text(), *_answer(review, console.width), *decide_section(review.options), *_evidence(review)]
    console.print(Group(*parts, _listed("To be decided", decision_lines(review))), highlight=False)


def _evidence(review: Review) -> Iterator[ConsoleRenderable]:
    """What the studies say of the first option that has any, for this patient."""
    views = [view for view in review.options.offered if view.evidence and view.evidence.certainty != "none"]
    if views:
        lines = [f"{kind}: {printable(line)}" for kind, line in evidence_lines(views[0])]
        yield _listed(f"Evidence, of the first option that has studies: {views[0].name} (certainty {certainty(views[0])})", lines)


def print_panel(reviews: Iterable[Review], console: Console, *, each: int | None = None) -> None:
    """Print many reviews, one line each, worst first; `each`: only so many of every status."""
    ordered = worst_first(reviews)
    shown = [r for r in ordered if each is None or _place(r, ordered) < each]
    console.print(counts_line(ordered), highlight=False)
    console.print(_panel_table(shown, console.width), highlight=False)
    if len(shown) < len(ordered):
        console.print(Text(f"The first {each} of every status; {len(ordered) - len(shown)} more are not shown.", style="dim"))
    if any(r.provenance.catalog_adopted_by is None for r in ordered):
        console.print(Text(NOT_ADOPTED, style="dim"))


def _place(review: Review, ordered: Sequence[Review]) -> int:
    """The place of a review among those of its status."""
    return [r.patient_id for r in ordered if r.verdict.status == review.verdict.status].index(review.patient_id)


def counts_line(reviews: Sequence[Review]) -> Text:
    """How many stand where: '▲ Losing ground 4 · ▬ Holding above remission 31 · …'."""
    line = Text()
    for status, count in status_counts(reviews):
        line.append(" · " if line else "")
        line.append(f"{STATUS_SHAPES[status]} {STATUS_WORDS[status]} ", style=COLOURS[TONES[status]])
        line.append(str(count), style="bold")
    return line


def _parts(review: Review, width: int) -> Iterator[ConsoleRenderable]:
    yield from _head(review)
    yield Text()
    yield from _answer(review, width)
    yield Text()
    if plot := severity_plot(review, width):
        yield Text(f"{review.timeline.scale.short_name if review.timeline.scale else ''} (lower is better)", style="dim")
        yield from plot
        yield Text()
    yield _domains(review, width)
    yield _listed("What is left", [_sentence(review.left.sentence)])
    yield from decide_section(review.options)
    yield _listed("To be decided", decision_lines(review))
    yield from _where_said("Titration", titration_lines(review))
    yield _safety(review)
    yield _listed("Due", [due_words(item, review.on) for item in review.due] or ["nothing within a week"])
    yield from _where_said("Doses at home", home_lines(review))
    yield from _where_said("Long-term safety", list(terminal_lines(review.follow_up)) if review.follow_up else [])
    yield _listed("Protocol", position_lines(review))
    yield from _where_said("Tried at once", combination_lines(review))
    yield _listed("Treatment so far", history_lines(review))
    yield _listed("Rests on", review.answer.reasons)
    yield from _caveats(review)
    yield Text()
    yield Text("\n".join(provenance_lines(review)), style="dim")


def _head(review: Review) -> Iterator[Text]:
    """The name, and beside it always the last answer on suicidal thoughts."""
    line = Text(printable(review.patient_id), style="bold")
    state = review.safety.suicidality
    line.append(f"   {FINDING_SHAPES[state]} {safety_line(review)}", style=_FINDING_STYLES[state])
    yield line
    yield Text(printable(standing(review)), style="dim")


def _answer(review: Review, width: int) -> Iterator[ConsoleRenderable]:
    colour = COLOURS[TONES[review.verdict.status]]
    yield Text(f"{review.answer.shape} {badge(review)}", style=f"bold {colour}")
    yield Text(printable(review.answer.sentence), style="bold")
    title = chance_title(review)
    if title and review.verdict.probability is not None and review.verdict.status != "cannot_tell":
        cells = 20 if width >= 80 else 10
        filled = round(review.verdict.probability * cells)
        line = Text(f"{title}  ")
        line.append("█" * filled, style="green")
        line.append("░" * (cells - filled), style="dim")
        line.append(f"  {percent(review.verdict.probability)}", style="bold")
        yield line
        yield Text(chance_rests_on(review), style="dim")


def _domains(review: Review, width: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column()
    courses = width >= 100
    for view in review.domains:
        measured = view.instrument is not None
        table.add_row(
            Text(DOMAIN_WORDS[view.domain], style="bold"),
            Text(printable(domain_now(view, review.on))),
            Text(sparkline([total for _, total in view.points]) if courses and len(view.points) > 1 else ""),
            Text(printable(view.words) if measured else ""),
        )
    return table


def _safety(review: Review) -> ConsoleRenderable:
    lines = [
        Text(printable(f"{FINDING_SHAPES[f.state]} {finding_words(f)}"), style=_FINDING_STYLES[f.state]) for f in review.safety.findings
    ]
    return _listed("Safety", [*lines, *map(_rule, rule_lines(review.rules))])


def _rule(line: RuleLine) -> Text:
    style = ("bold red" if line.known else "bold") if line.alarming else ""
    said = Text(f"{line.shape} {line.words}: " if line.known else f"{line.shape} ", style=style)
    said.append(printable(line.sentence))
    if line.details and (line.known or line.alarming):
        said.append(f" — {printable('; '.join(line.details))}", style="not bold default")
    return said


def _caveats(review: Review) -> Iterator[ConsoleRenderable]:
    """What a reader must know about the data: findings, disagreements, what was set aside."""
    if found := data_lines(review):
        yield _listed("About the data", found)
    if aside := review.episode.set_aside:
        shown = [f"{a.at}: {a.reason}" for a in aside[:5]]
        more = [f"and {len(aside) - 5} more (see --json)"] if len(aside) > 5 else []
        yield _listed("Set aside", [*shown, *more])


def _listed(title: str, lines: Iterable[str | Text]) -> ConsoleRenderable:
    body = [line if isinstance(line, Text) else Text(printable(_sentence(line))) for line in lines]
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for line in body:
        table.add_row("·", line)
    return Group(Text(), Rule(Text(title, style="bold"), align="left", style="dim", characters="─"), Padding(table, (0, 0, 0, 1)))


def _where_said(title: str, lines: Sequence[str]) -> Iterator[ConsoleRenderable]:
    """A list under its title, where there is anything to say."""
    if lines:
        yield _listed(title, lines)


def _sentence(line: str) -> str:
    return f"{line[:1].upper()}{line[1:]}"


def _panel_table(reviews: Sequence[Review], width: int) -> Table:
    """Columns of a width that is known beforehand: the flexible ones share what is left."""
    wide = width >= 110
    names = min(24, max((len(r.patient_id) for r in reviews), default=7))
    now = 18
    fixed = max(7, names) + 25 + now + 5 + (10 if wide else 0) + (7 if wide else 5)
    flexible = max(12, (width - fixed) // (2 if wide else 1))
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    titles = [("Patient", max(7, names)), ("Status", 25), ("Now → heading to", now), ("p", 5)]
    titles += [("Course", 10)] if wide else []
    titles += [("Safety", flexible)] + ([("Due", flexible)] if wide else [])
    for title, size in titles:
        table.add_column(title, width=size, no_wrap=True, overflow="ellipsis", justify="right" if title == "p" else "left")
    for review in reviews:
        table.add_row(*_panel_cells(review, wide))
    return table


def _panel_cells(review: Review, wide: bool) -> Iterator[Text]:
    row, status = panel_row(review), review.verdict.status
    totals = [r.total for r in review.episode.series if r.total is not None]
    positive = any(f.state == "positive" for f in review.safety.findings)
    yield Text(printable(review.patient_id), style="bold")
    yield Text(f"{review.answer.shape} {review.answer.words}", style=COLOURS[TONES[status]])
    yield Text(printable(row.now))
    yield Text(row.chance)
    if wide:
        yield Text(sparkline(totals, shown=10) if len(totals) > 1 else "")
    yield Text(printable(f"▲ {row.safety}" if positive else row.safety), style="bold red" if positive else "")
    if wide:
        yield Text(printable(row.due))
