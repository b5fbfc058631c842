"""One page for the patient, from the same Review: where they were and are, what remission means, what to ask, who helps.

Content only; every sentence comes from the catalog's phrases. No dosing advice, no score of danger, no chances: what is
uncertain is said in words. With a positive answer on suicidal thoughts the page begins with support.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from euthymia.catalog import Catalog
from euthymia.crisis import Country
from euthymia.phrases import Phrases, day_said
from euthymia.rating_days import rating_days
from euthymia.reviewing import Review


class LanguageError(Exception):
    """A language or a country that the catalog does not have: the message names found and allowed."""


@dataclass(frozen=True)
class Section:
    """One part of the page: its title and its paragraphs (of the questions: each one)."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """The patient's own scores by day, beside the line that was agreed (or the usual one); lower is better."""

    words: str
    points: tuple[tuple[date, float], ...]
    first: str
    last: str
    line: float | None
    line_words: str | None


@dataclass(frozen=True)
class Conversation:
    """The page, in reading order. `support` comes first where there is need of it; `notices` say what the page is not."""

    language: str
    patient_id: str
    title: str
    made_on: str
    support: Section | None
    where: Section
    picture: Picture | None
    remission: Section
    questions: Section
    next: Section
    help: Section
    notices: tuple[str, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        found = (self.support, self.where, self.remission, self.questions, self.next, self.help)
        return tuple(section for section in found if section is not None)


def conversation(review: Review, catalog: Catalog, language: str, *, scores: bool = True, country: str | None = None) -> Conversation:
    """The patient's page in a language of the catalog. `scores` False: without any number; `country`: instead of the site's own.

    Raises LanguageError where the catalog has no such language or country.
    """
    page = _Page(review, catalog, _phrases(catalog, language), _country(catalog, country), scores)
    said = page.phrases.sentences
    notices = (page.phrases.notice, said.not_adopted if catalog.adopted_by is None else None)
    return Conversation(
        language=page.phrases.language,
        patient_id=review.patient_id,
        title=said.title,
        made_on=said.made_on.format(day=page.day(review.on)),
        support=Section(said.support_title, tuple(page.support())) if review.safety.suicidality == "positive" else None,
        where=Section(said.where_title, tuple(page.where())),
        picture=page.picture() if scores else None,
        remission=Section(said.remission_title, (" ".join(said.remission_is), " ".join(said.remission_is_not))),
        questions=Section(said.questions_title, page.phrases.statuses[review.verdict.status].questions),
        next=Section(said.next_title, tuple(page.next())),
        help=Section(said.help_title, tuple(page.help())),
        notices=tuple(notice for notice in notices if notice),
    )


def _phrases(catalog: Catalog, language: str) -> Phrases:
    """The phrases of a language, or of the language that a regional one belongs to."""
    found = catalog.phrases.get(language.lower().replace("-", "_")) or catalog.phrases.get(language.lower().split("-")[0])
    if found is None:
        raise LanguageError(f"language: found {language!r}; allowed: {', '.join(catalog.phrases)}")
    return found


def _country(catalog: Catalog, country: str | None) -> Country | None:
    known, wanted = catalog.crisis_lines.countries, country or catalog.here.country
    if wanted is not None and wanted.lower() not in known:
        raise LanguageError(f"country: found {wanted!r}; allowed: {', '.join(known)}")
    return known[wanted.lower()] if wanted is not None else None


@dataclass(frozen=True)
class _Page:
    """Fills the phrases from the review."""

    review: Review
    catalog: Catalog
    phrases: Phrases
    country: Country | None
    scores: bool

    def day(self, day: date) -> str:
        """A day as the language says it."""
        return day_said(self.phrases, day)

    def number(self, value: float) -> str:
        """A score as the language writes it: at most one decimal."""
        return f"{round(value, 1):g}".replace(".", self.phrases.decimal_mark)

    @property
    def instrument(self) -> str:
        primary = self.review.episode.primary
        return self.catalog.instruments[primary].short_name if primary else ""

    def support(self) -> Iterator[str]:
        """What comes first after a positive answer: support, and whom to call now."""
        yield " ".join(self.phrases.sentences.support)
        yield from self._calls()

    def where(self) -> Iterator[str]:
        """The answer first, then the course, then the target that was agreed, in their own words where they are known."""
        yield " ".join(self._status())
        if self.scores:
            yield " ".join(self._course())
        yield from self._target()

    def _status(self) -> Iterator[str]:
        said, status, last, cut = self.phrases.sentences, self.review.verdict.status, self._last(), self.review.episode.cut
        yield from self.phrases.statuses[status].means
        if self.review.verdict.vetoes:
            yield said.low_score_but
        if status == "remission" and self._is_young():
            yield said.not_yet_confirmed
        if self.scores and status == "remission" and last is not None and cut is not None and last > cut:
            yield said.above_the_line

    def _is_young(self) -> bool:
        """Whether a remission is shorter than its definition asks for: then it may be too early to speak of it as lasting."""
        since, durations = self.review.verdict.since, self.catalog.definitions[self.review.episode.definition].durations
        return since is not None and (self.review.on - since).days < durations.remission_days

    def _course(self) -> Iterator[str]:
        said, index, days = self.phrases.sentences, self.review.episode.index, rating_days(self.review.episode)
        if index is None:
            yield said.no_score
            return
        first = {"day": self.day(index.day), "instrument": self.instrument, "score": self.number(index.total)}
        if not days:
            yield said.only_score.format(**first)
        else:
            yield said.first_score.format(**first)
            yield said.last_score.format(day=self.day(days[-1].day), instrument=self.instrument, score=self.number(days[-1].total))
        yield said.lower_is_better

    def _last(self) -> float | None:
        days = rating_days(self.review.episode)
        return days[-1].total if days else None

    def _target(self) -> Iterator[str]:
        said, episode = self.phrases.sentences, self.review.episode
        target, cut = episode.target, episode.cut if self.scores else None
        agreed = target is not None and target.definition == episode.definition
        usual = said.usual_line.format(score=self.number(cut)) if cut is not None and not agreed else ""
        if target is None:
            yield f"{said.no_target} {usual}".strip()
            return
        held_to = said.target_score.format(score=self.number(cut)) if agreed and cut is not None else said.target_agreed
        by = said.target_by.format(day=self.day(target.by.day(UTC))) if target.by and target.by.has_day else ""
        yield " ".join(filter(None, (held_to, usual, by)))
        if target.own_words:
            yield said.own_words.format(words=target.own_words)

    def picture(self) -> Picture | None:
        """The scores that count, one a day; nothing to draw with fewer than two."""
        points = {r.day: r.total for r in self.review.episode.series if r.total is not None}
        if len(points) < 2:
            return None
        said, cut, days = self.phrases.sentences, self.review.episode.cut, sorted(points)
        first, last = self.day(days[0]), self.day(days[-1])
        words = said.chart.format(instrument=self.instrument, first=first, last=last)
        line_words = said.chart_line.format(score=self.number(cut)) if cut is not None else None
        return Picture(words, tuple((day, points[day]) for day in days), first, last, cut, line_words)

    def next(self) -> Iterator[str]:
        """The next answers and the next decision, on their days; a late one is said kindly."""
        said, review = self.phrases.sentences, self.review
        days = rating_days(review.episode)
        last = days[-1].day if days else review.episode.index.day if review.episode.index else None
        lines = []
        if last is not None:
            by = last + timedelta(days=round(review.episode.plan.rating_interval_days))
            lines.append((said.next_answers if by >= review.on else said.next_answers_late).format(day=self.day(by)))
        held, due = self._decision()
        if held is not None:
            lines.append(said.held.format(day=self.day(held)))
        elif due is not None:
            lines.append((said.next_decision if due >= review.on else said.next_decision_late).format(day=self.day(due)))
        yield " ".join(lines or [said.no_next])
        yield said.no_change_alone

    def _decision(self) -> tuple[date | None, date | None]:
        """Until when a hold by agreement stands, and by when the next decision is due."""
        decided = getattr(self.review, "decisions", None)
        if decided is not None:
            return decided.held_until, decided.due.by if decided.due else None
        return None, next((item.by for item in self.review.due if item.id == "decision"), None)

    def help(self) -> Iterator[str]:
        """Whom to call, how to reach the site, and that nobody watches the page."""
        said, contact = self.phrases.sentences, self.catalog.here.contact.get(self.phrases.id)
        yield said.tell_us
        yield from self._calls()
        if contact:
            yield said.contact.format(words=contact)
        yield " ".join(said.nobody_watches)

    def _calls(self) -> Iterator[str]:
        said, country = self.phrases.sentences, self.country
        for line in country.lines if country else ():
            sentence = (said.call_or_text if line.texts else said.call).format(number=line.number, name=line.name)
            yield " ".join(filter(None, (sentence, line.hints.get(self.phrases.id))))
        yield said.emergency.format(number=country.emergency.number) if country else said.emergency_unknown
