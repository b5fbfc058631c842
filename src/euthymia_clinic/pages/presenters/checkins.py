"""What the pages of a check-in show: from the sitting to the context of a template."""

from typing import Any

from django.utils import timezone

from euthymia.asking import ORIGINAL, language_of
from euthymia.loading import load_catalog
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.alerts.patient_view import Help, address, calls, danger, help_of
from euthymia_clinic.alerts.watching import hours_in_words, phrases_for
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.checkins.sitting import Sitting


def frame(checkin: Checkin, language: str) -> dict[str, Any]:
    """What stands around every page of a check-in: the sentences, and the help at its foot."""
    catalog = catalog_of(checkin.patient.site)
    phrases = phrases_for(catalog, language)
    return {
        "lang": phrases.language,
        "said": phrases.checkin,
        "help": help_of(checkin.patient, language, timezone.now()),
        "clinic": checkin.patient.site.name,
        "notice": phrases.notice,
        "key": None,
        "number": None,
        "languages": [],
    }


def unknown_frame(language: str) -> dict[str, Any]:
    """The same where nobody knows whose the link was: the help of the only site, or what holds everywhere."""
    site = Site.objects.first() if Site.objects.count() == 1 else None
    catalog = catalog_of(site) if site else load_catalog()
    phrases = phrases_for(catalog, language)
    country = catalog.crisis_lines.countries.get(site.country) if site else None
    shown = Help(
        title=phrases.sentences.help_title,
        danger=danger(phrases, country),
        danger_address=address("tel", country.emergency.number) if country else None,
        calls=calls(phrases, country),
        contact=phrases.sentences.contact.format(words=site.contact) if site and site.contact else None,
        reads=(hours_in_words(site, phrases),) if site else (),
    )
    around: dict[str, Any] = {"notice": phrases.notice, "key": None, "number": None, "languages": [], "clinic": site.name if site else ""}
    return {"lang": phrases.language, "said": phrases.checkin, "help": shown, **around}


def question_page(sitting: Sitting, key: str, number: int, *, wrong: bool = False) -> dict[str, Any]:
    """One question, with what was answered before, how far it is, and how long the rest takes."""
    question, total = sitting.questions[number - 1], len(sitting.questions)
    around = frame(sitting.checkin, sitting.language)
    said, minutes = around["said"], sitting.minutes_left(number)
    instrument = sitting.catalog.instruments[question.instrument]
    shown_in, given = language_of(instrument, sitting.language), sitting.given.get((question.instrument, question.item))
    return {
        **around,
        "key": key,
        "number": number,
        "languages": _languages(sitting),
        "question": question,
        "shown_in": shown_in,
        "only_original": shown_in == ORIGINAL and not around["lang"].startswith(ORIGINAL),
        "answers": [(f"{value:g}", label) for value, label in question.answers],
        "chosen": None if given is None else "skip" if given.value is None else f"{given.value:g}",
        "progress": said.progress.format(n=number, of=total),
        "time_left": said.minute_left if minutes == 1 else said.minutes_left.format(n=minutes),
        "done": number - 1,
        "total": total,
        "saved": bool(sitting.given),
        "wrong": wrong,
    }


def end_page(sitting: Sitting, key: str) -> dict[str, Any]:
    """Every question is through: how many were answered, and the button that sends."""
    around, total = frame(sitting.checkin, sitting.language), len(sitting.questions)
    count = around["said"].answered_of.format(n=sitting.answered, of=total)
    return {**around, "key": key, "languages": _languages(sitting), "count": count, "total": total, "done": total}


def _languages(sitting: Sitting) -> list[tuple[str, str]]:
    """The other languages that the page can be in."""
    here = phrases_for(sitting.catalog, sitting.language).id
    return [(phrases.id, phrases.name) for phrases in sitting.catalog.phrases.values() if phrases.id != here and phrases.id in ("en", "es")]
