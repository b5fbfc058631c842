"""The kinds of sentences that a patient reads, page by page, and what may be filled into each. Nothing of it is written in code."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from euthymia.facts import Id, Strict


def _sentence(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError(f"found {text!r}; allowed: a sentence without spaces around it")
    return text


Sentence = Annotated[str, AfterValidator(_sentence)]
# The closed set: what may stand in which sentence. A sentence that is not named here has no places.
PLACES: dict[str, frozenset[str]] = {
    "made_on": frozenset({"day"}),
    "first_score": frozenset({"day", "instrument", "score"}),
    "last_score": frozenset({"day", "instrument", "score"}),
    "only_score": frozenset({"day", "instrument", "score"}),
    "target_score": frozenset({"score"}),
    "target_by": frozenset({"day"}),
    "own_words": frozenset({"words"}),
    "usual_line": frozenset({"score"}),
    "next_answers": frozenset({"day"}),
    "next_answers_late": frozenset({"day"}),
    "next_decision": frozenset({"day"}),
    "next_decision_late": frozenset({"day"}),
    "held": frozenset({"day"}),
    "emergency": frozenset({"number"}),
    "call": frozenset({"number", "name"}),
    "call_or_text": frozenset({"number", "name"}),
    "contact": frozenset({"words"}),
    "chart": frozenset({"instrument", "first", "last"}),
    "chart_line": frozenset({"score"}),
    "date": frozenset({"day", "month", "year"}),
    "told_later": frozenset({"when"}),
    "told_by": frozenset({"when"}),
    "when": frozenset({"weekday", "day", "time"}),
    "hours": frozenset({"days", "from", "to"}),
    "call_now": frozenset({"number"}),
    "text_now": frozenset({"number"}),
    "danger": frozenset({"number"}),
    "goal_by": frozenset({"day"}),
    "goal_rated": frozenset({"day"}),
    "regimen_since": frozenset({"day"}),
    "page_mail_text": frozenset({"link"}),
    "progress": frozenset({"n", "of"}),
    "minutes_left": frozenset({"n"}),
    "answered_of": frozenset({"n", "of"}),
    "mail_text": frozenset({"address", "when"}),
    "text_message": frozenset({"address"}),
    "dose_of": frozenset({"weekday", "day"}),
    "dose_number": frozenset({"n"}),
    "logged_later": frozenset({"day"}),
    "when_wrong": frozenset({"found"}),
    "amount_wrong": frozenset({"found"}),
    "pressure_wrong": frozenset({"found", "low", "high"}),
    "pressure_swapped": frozenset({"upper", "lower"}),
    "pressure_apart": frozenset({"upper", "lower", "low", "high"}),
    "effects_wrong": frozenset({"found"}),
}


class Sentences(Strict):
    """Every sentence of the page but those that depend on the status; the order is that of the page."""

    title: Sentence
    made_on: Sentence
    support_title: Sentence
    support: tuple[Sentence, ...] = Field(min_length=2)
    where_title: Sentence
    first_score: Sentence
    last_score: Sentence
    only_score: Sentence
    no_score: Sentence
    lower_is_better: Sentence
    target_score: Sentence
    target_agreed: Sentence
    target_by: Sentence
    own_words: Sentence
    no_target: Sentence
    usual_line: Sentence
    chart: Sentence
    chart_line: Sentence
    low_score_but: Sentence
    above_the_line: Sentence
    not_yet_confirmed: Sentence
    remission_title: Sentence
    remission_is: tuple[Sentence, ...] = Field(min_length=1)
    remission_is_not: tuple[Sentence, ...] = Field(min_length=1)
    questions_title: Sentence
    next_title: Sentence
    next_answers: Sentence
    next_answers_late: Sentence
    next_decision: Sentence
    next_decision_late: Sentence
    held: Sentence
    no_next: Sentence
    no_change_alone: Sentence
    help_title: Sentence
    tell_us: Sentence
    emergency: Sentence
    emergency_unknown: Sentence
    call: Sentence
    call_or_text: Sentence
    contact: Sentence
    nobody_watches: tuple[Sentence, ...] = Field(min_length=1)
    not_adopted: Sentence


class SupportSentences(Strict):
    """What a patient reads at once after a positive answer on suicidal thoughts: support, whom to call, who is told and when."""

    title: Sentence
    thanks: tuple[Sentence, ...] = Field(min_length=2)
    danger: Sentence
    danger_unknown: Sentence
    call_now: Sentence
    text_now: Sentence
    told_title: Sentence
    told_saved: Sentence
    told_paged: Sentence
    told_now: Sentence
    told_later: Sentence
    told_by: Sentence
    told_unknown: Sentence
    do_not_wait: Sentence
    questions_follow: Sentence
    rest_follows: Sentence
    nothing_follows: Sentence
    go_on: Sentence
    when: Sentence
    hours: Sentence
    hours_unknown: Sentence


class OwnPageSentences(Strict):
    """The patient's own page: its titles, the goals in words (from much less to much more than agreed), the regimen at home."""

    title: Sentence
    goals_title: Sentence
    attainment: tuple[Sentence, ...] = Field(min_length=5, max_length=5)
    goal_not_rated: Sentence
    goal_by: Sentence
    goal_rated: Sentence
    regimen_title: Sentence
    regimen_words: Sentence
    regimen_since: Sentence
    checkin_title: Sentence
    checkin_open: Sentence
    checkin_answer: Sentence
    reading_title: Sentence
    closed_title: Sentence
    closed: Sentence
    page_mail_subject: Sentence
    page_mail_text: Sentence


class CheckinSentences(Strict):
    """What stands around the questions that a patient answers, and in the message that leads there (which says nothing of health)."""

    title: Sentence
    progress: Sentence
    minutes_left: Sentence
    minute_left: Sentence
    choose_one: Sentence
    prefer_not: Sentence
    next_question: Sentence
    back: Sentence
    saved: Sentence
    only_in_english: Sentence
    end_title: Sentence
    answered_of: Sentence
    send: Sentence
    goes_by_itself: Sentence
    received_title: Sentence
    received: Sentence
    link_closed_title: Sentence
    link_closed: Sentence
    wait_title: Sentence
    wait: Sentence
    hand_back_title: Sentence
    hand_back: Sentence
    mail_subject: Sentence
    mail_text: Sentence
    text_message: Sentence


class HomeDoseSentences(Strict):
    """Doses at home: the list of them, the form for one, and the questions before one. `checks`: by the fact that each asks for."""

    title: Sentence
    home_link: Sentence
    no_words: Sentence
    no_regimen: Sentence
    by_video: Sentence
    to_log_title: Sentence
    to_log: Sentence
    nothing_to_log: Sentence
    dose_of: Sentence
    dose_number: Sentence
    log_it: Sentence
    log_another: Sentence
    logged_title: Sentence
    logged_as: dict[Literal["taken", "changed", "not_taken", "unknown"], Sentence]
    logged_later: Sentence
    logged_change: Sentence
    log_title: Sentence
    asked_taken: Sentence
    taken_as: dict[Literal["taken", "changed", "not_taken"], Sentence]
    asked_when: Sentence
    day_label: Sentence
    time_label: Sentence
    time_help: Sentence
    asked_amount: Sentence
    amount_label: Sentence
    unit_label: Sentence
    units: dict[Literal["mg", "units"], Sentence]
    asked_present: Sentence
    yes: Sentence
    no: Sentence
    asked_pressure: Sentence
    not_measured: Sentence
    upper_label: Sentence
    lower_label: Sentence
    asked_effects: Sentence
    effects: dict[Literal["none", "lasted", "going_on"], Sentence]
    hours_label: Sentence
    minutes_label: Sentence
    asked_worrying: Sentence
    worry_words: Sentence
    worry_read: Sentence
    may_leave: Sentence
    keep: Sentence
    look_again: Sentence
    nothing_said: Sentence
    choose_taken: Sentence
    when_wrong: Sentence
    when_no_regimen: Sentence
    amount_wrong: Sentence
    pressure_both: Sentence
    pressure_wrong: Sentence
    pressure_swapped: Sentence
    pressure_apart: Sentence
    effects_wrong: Sentence
    changing: Sentence
    already: Sentence
    check_link: Sentence
    check_title: Sentence
    check_intro: Sentence
    checks: dict[Id, Sentence] = Field(min_length=1)
    check_pressure: Sentence
    check_kept: Sentence
    first_title: Sentence
    first: Sentence
    first_no_number: Sentence
    first_not_told: Sentence
    kept_title: Sentence
    to_list: Sentence
    worry_title: Sentence
    worry_thanks: Sentence


class StatusSentences(Strict):
    """What one status means for the patient, and the three questions to bring."""

    means: tuple[Sentence, ...] = Field(min_length=1)
    questions: tuple[Sentence, ...] = Field(min_length=3, max_length=3)
