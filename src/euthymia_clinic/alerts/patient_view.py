"""What a patient sees at once after a positive answer on suicidal thoughts: support, whom to call, who is told and when.

No score, no word of risk, no promise. Rendered by `clinic/alerts/support.html` in whatever page the patient is on.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from euthymia.catalog import Catalog
from euthymia.crisis import Country
from euthymia.phrases import Phrases
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.alerts.people import chain_of
from euthymia_clinic.alerts.watching import hours_in_words, phrases_for, told
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient


@dataclass(frozen=True)
class Call:
    """One thing to tap: `tel:` or `sms:` with its words, and what a caller should know."""

    address: str
    words: str
    name: str
    hint: str


@dataclass(frozen=True)
class Support:
    """The whole of it, in one language. `follows`: what comes next in the sitting; `go_on`: the words of its button."""

    language: str
    title: str
    thanks: tuple[str, ...]
    danger: str
    danger_address: str | None
    calls: tuple[Call, ...]
    told_title: str
    told: tuple[str, ...]
    contact: str | None
    follows: str
    go_on: str


def support(patient: Patient, language: str, now: datetime, *, alert: Alert | None, screener_follows: bool, more: bool = True) -> Support:
    """What a patient sees after a positive answer. `alert`: what was raised by it, by whose tier the words are true; `more` to come."""
    catalog, site = catalog_of(patient.site), patient.site
    phrases = phrases_for(catalog, language)
    said, country = phrases.support, country_of(patient, catalog)
    paged = alert is not None and alert.tier == Alert.Tier.HIGH and _somebody_was_told(alert)
    by = alert.see_by if alert is not None else None
    return Support(
        language=phrases.language,
        title=said.title,
        thanks=said.thanks,
        danger=danger(phrases, country),
        danger_address=address("tel", country.emergency.number) if country else None,
        calls=calls(phrases, country),
        told_title=said.told_title,
        told=told(site, now, phrases, paged=paged, by=by),
        contact=phrases.sentences.contact.format(words=site.contact) if site.contact else None,
        follows=said.questions_follow if screener_follows else said.rest_follows if more else said.nothing_follows,
        go_on=said.go_on,
    )


@dataclass(frozen=True)
class Help:
    """The foot of every page of a patient: whom to call, and when the team reads."""

    title: str
    danger: str
    danger_address: str | None
    calls: tuple[Call, ...]
    contact: str | None
    reads: tuple[str, ...]


def help_of(patient: Patient, language: str, now: datetime) -> Help:
    """Crisis lines and truthful reading times, for the bottom of a patient's page."""
    catalog, site = catalog_of(patient.site), patient.site
    phrases, country = phrases_for(catalog, language), country_of(patient, catalog)
    return Help(
        title=phrases.sentences.help_title,
        danger=danger(phrases, country),
        danger_address=address("tel", country.emergency.number) if country else None,
        calls=calls(phrases, country),
        contact=phrases.sentences.contact.format(words=site.contact) if site.contact else None,
        reads=(hours_in_words(site, phrases), *told(site, now, phrases)[1:]),
    )


def country_of(patient: Patient, catalog: Catalog) -> Country | None:
    """The country of the patient's site, where it has said so and the catalog knows it."""
    return catalog.crisis_lines.countries.get((patient.site.country or catalog.here.country or "").lower())


def danger(phrases: Phrases, country: Country | None) -> str:
    """The sentence for somebody in danger now."""
    return phrases.support.danger.format(number=country.emergency.number) if country else phrases.support.danger_unknown


def calls(phrases: Phrases, country: Country | None) -> tuple[Call, ...]:
    """The lines that answer at any hour, each as something to tap."""
    found: list[Call] = []
    for line in country.lines if country else ():
        hint = line.hints.get(phrases.id, "")
        found.append(Call(address("tel", line.number), phrases.support.call_now.format(number=line.number), line.name, hint))
        if line.texts:
            found.append(Call(address("sms", line.number), phrases.support.text_now.format(number=line.number), line.name, ""))
    return tuple(found)


def address(kind: str, number: str) -> str:
    """A number as a phone takes it from a link."""
    return f"{kind}:{re.sub(r'[^0-9+*#]', '', number)}"


def _somebody_was_told(alert: Alert) -> bool:
    """Whether a message has gone, or is on its way to somebody: else the patient is not told that it is."""
    return alert.pages.exclude(sent=False).exists() and bool(chain_of(alert.site))
