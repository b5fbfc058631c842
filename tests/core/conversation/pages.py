"""Pages of every kind: each status, with and without support, target, scores and country, in each language."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.report.people import all_samples, sample
from euthymia.conversation import Conversation, conversation
from euthymia.loading import load_catalog
from euthymia.phrases import STATUS_IDS

CATALOG = load_catalog()
LANGUAGES = tuple(CATALOG.phrases)


def with_status(status: str, *, suicidality: str | None = None, target: bool = True, name: str = "holding-above-remission") -> Any:
    """A sample's review with another status, answer on suicidal thoughts, or without its target."""
    found = sample(name)
    verdict = replace(found.verdict, status=status, confirmed=False if status == "remission" else None, since=found.on)
    safe = replace(found.safety, suicidality=suicidality or found.safety.suicidality)
    episode = found.episode if target else replace(found.episode, target=None)
    return replace(found, verdict=verdict, safety=safe, episode=episode)


def page(review: Any, language: str = "en", **more: Any) -> Conversation:
    return conversation(review, CATALOG, language, **more)


def every_page() -> Iterator[tuple[str, Conversation]]:
    """Every status in every language, plain and at its longest; the samples; without scores; without country."""
    for language in LANGUAGES:
        for status in STATUS_IDS:
            plain, longest = with_status(status), with_status(status, suicidality="positive", target=False)
            yield f"{language} {status}", page(plain, language, country="us")
            yield f"{language} {status} at its longest", page(longest, language, country="us")
            yield f"{language} {status} without scores", page(plain, language, scores=False)
        for review in all_samples():
            yield f"{language} {review.patient_id}", page(review, language)
            yield f"{language} {review.patient_id} in Spain", page(review, language, country="es")
