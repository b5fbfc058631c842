"""The REMS form in words, for paper and for the terminal: how an answer stands, how the form stands, what it is not."""

from euthymia.moment import day_in_words
from euthymia.monitoring_form import Section
from euthymia.rems import Answer, RemsDuty, RemsForm

OUR_OWN = (
    "This is a layout of our own of the fields, filled from the clinic’s record, to copy from. It is not the manufacturer’s form, "
    "and nothing has been sent: the clinic submits the form itself."
)
SECTIONS: dict[Section, str] = {
    "patient": "Patient",
    "medicines": "Medicines taken at the time",
    "monitoring": "Who monitored, and where",
    "session": "Treatment session",
    "vitals": "Vital signs",
    "effects": "Effects during the session",
    "serious": "Serious adverse event",
}
# Word first: the shape alone says nothing.
SHAPES = {"submitted": "●", "due": "○", "overdue": "▲"}


def answer_words(answer: Answer) -> str:
    """What stands in a field, or that nothing does."""
    if answer.state == "filled":
        return f"{answer.words} ({answer.remark})" if answer.remark else answer.words
    return {"by_hand": "to be written by hand", "not_asked": "does not arise"}.get(answer.state, "not recorded")


def standing_words(form: RemsForm) -> str:
    """Whether and when it was submitted, or by when it is due."""
    if form.submitted:
        return f"recorded as submitted on {day_in_words(form.submitted)}"
    return f"{'overdue since the end of' if form.on > form.due_by else 'to be submitted by'} {day_in_words(form.due_by)}"


def duty_words(duty: RemsDuty) -> str:
    """How the form of a session stands."""
    if duty.submitted:
        return f"submitted {day_in_words(duty.submitted)}"
    return f"{'overdue since the end of' if duty.state == 'overdue' else 'due by'} {day_in_words(duty.by)}"


def version_words(form: RemsForm) -> str:
    """Which version it is, since when, and how sure that is."""
    note = f"{form.version_note[:1].upper()}{form.version_note[1:]}."
    return f"{form.version_name}, used here from {day_in_words(form.version_from)} ({form.version_status}). {note}"
