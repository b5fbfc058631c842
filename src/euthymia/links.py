"""Do the links of the catalog hold? Every id that a knowledge file names must be there."""

from collections.abc import Iterator, Mapping

from euthymia.catalog import Catalog
from euthymia.instrument import Instrument
from euthymia.knowledge_file import CatalogError
from euthymia.option import CIRCUMSTANCES, Looked
from euthymia.phase import Row
from euthymia.protocol import Protocol
from euthymia.rule_links import rule_link_problems
from euthymia.study_links import check_questions
from euthymia.treatment_links import treatment_link_problems


def check_links(catalog: Catalog) -> None:
    """Raises CatalogError at the first link that leads nowhere."""
    for path, fact in catalog.facts():
        if fact.ref is not None and fact.ref not in catalog.references:
            raise CatalogError(f"{path}: ref: found {fact.ref!r}; allowed: an id of references.toml")
    known = set(catalog.instruments)
    for definition in catalog.definitions.values():
        for instrument in (i for i in definition.remission if i in known and not catalog.instruments[i].lower_is_better):
            raise CatalogError(
                f"{definition.id}.toml: remission.{instrument}: found a scale on which higher is better; allowed: lower is better"
            )
        for instrument in {*definition.remission, *definition.relapse} - known:
            raise CatalogError(f"{definition.id}.toml: remission.{instrument}: found an unknown instrument; allowed: {sorted(known)}")
    _check_protocols(catalog)
    check_questions(catalog)
    _check_help(catalog)
    _check_alerts(catalog)
    rules = catalog.verdict
    if rules.default_definition not in catalog.definitions or rules.default_protocol not in catalog.protocols:
        raise CatalogError(
            "rules.toml: default_definition, default_protocol: found an id without a file; allowed: ids of outcomes/ and protocols/"
        )
    _check_populations(catalog)
    for problem in (*rule_link_problems(catalog), *treatment_link_problems(catalog), *_form_problems(catalog)):
        raise CatalogError(problem)
    for problem in (*_option_problems(catalog), *(p for looked in catalog.looking.looked for p in _looked_problems(looked, catalog))):
        raise CatalogError(problem)


def _check_populations(catalog: Catalog) -> None:
    known = set(catalog.instruments)
    for population in catalog.populations.values():
        if population.instrument not in known:
            raise CatalogError(f"{population.id}.toml: instrument: found {population.instrument!r}; allowed: {', '.join(sorted(known))}")
        if unknown := sorted(set(population.protocols) - set(catalog.protocols)):
            allowed = ", ".join(sorted(catalog.protocols))
            raise CatalogError(f"{population.id}.toml: protocols: found {', '.join(unknown)}; allowed: {allowed}")


def _check_help(catalog: Catalog) -> None:
    """The site's country, and the languages in which something is said."""
    countries, languages = catalog.crisis_lines.countries, catalog.phrases
    if catalog.here.country is not None and catalog.here.country not in countries:
        raise CatalogError(f"here.toml: country: found {catalog.here.country!r}; allowed: {', '.join(countries)} (of lines.toml)")
    hints = [(f"lines.toml: countries.{key}", line.hints) for key, country in countries.items() for line in country.lines]
    for place, said in [*hints, ("here.toml: contact", catalog.here.contact)]:
        if unknown := sorted(set(said) - set(languages)):
            raise CatalogError(f"{place}: found the language {unknown[0]!r}; allowed: {', '.join(languages)}")
    for phrases in languages.values():
        if phrases.translated_from and phrases.translated_from not in languages:
            found = phrases.translated_from
            raise CatalogError(f"{phrases.id}.toml: translated_from: found {found!r}; allowed: {', '.join(languages)}")


def _check_alerts(catalog: Catalog) -> None:
    """The screener, its rules, and the rule of every row."""
    alerts, place = catalog.alerts, "alerts.toml"
    screener = catalog.instruments.get(alerts.screener)
    if screener is None or screener.scoring.method != "triage":
        known = ", ".join(name for name, each in catalog.instruments.items() if each.scoring.method == "triage")
        raise CatalogError(f"{place}: screener: found {alerts.screener!r}; allowed: {known}")
    if alerts.rules not in catalog.rules:
        raise CatalogError(f"{place}: rules: found {alerts.rules!r}; allowed: {', '.join(catalog.rules)}")
    rules = [rule.id for rule in catalog.rules[alerts.rules].rules]
    if unknown := sorted({row.rule for row in alerts.rows if row.rule} - set(rules)):
        raise CatalogError(f"{place}: rows: found the rule {unknown[0]!r}; allowed: {', '.join(rules)}")


def _form_problems(catalog: Catalog) -> Iterator[str]:
    """Facts and measurements that a monitoring form asks for and the vocabulary does not have."""
    for form in catalog.forms.values():
        for field in form.fields:
            if field.fact is not None and field.fact not in catalog.vocabulary:
                yield f"{form.id}.toml: fields.{field.id}: found the fact {field.fact!r}; allowed: one of vocabulary.toml"
            if field.score is not None and field.score.measured not in catalog.measurements:
                yield f"{form.id}.toml: fields.{field.id}: found the measurement {field.score.measured!r}; allowed: one of vocabulary.toml"


def _option_problems(catalog: Catalog) -> Iterator[str]:
    """Circumstances that nothing finds out, and facts to know first that nothing looks at."""
    looked = {each.id for each in catalog.looking.looked}
    for option in catalog.options.values():
        if unknown := sorted({q for q in (option.question, *option.question_when.values()) if q} - set(catalog.questions)):
            yield f"options/: {option.id}.question: found {', '.join(unknown)}; allowed: {', '.join(sorted(catalog.questions))}"
        for place, name in option.circumstances():
            if name not in looked and (place == "know_first" or name not in CIRCUMSTANCES):
                allowed = "an id of looking.toml" if place == "know_first" else f"an id of looking.toml, or {', '.join(CIRCUMSTANCES)}"
                yield f"options/: {option.id}.{place}: found {name!r}; allowed: {allowed}"


def _looked_problems(looked: Looked, catalog: Catalog) -> Iterator[str]:
    """Instruments, bands, cut-offs and items that the catalog does not have."""
    for reading in looked.readings:
        key, instrument = f"looking.toml: {looked.id}.readings", catalog.instruments.get(reading.instrument)
        if instrument is None:
            yield f"{key}: found the unknown instrument {reading.instrument!r}; allowed: {', '.join(sorted(catalog.instruments))}"
            continue
        for name, found, known in (
            ("band", reading.bands, [band.id for band in instrument.bands]),
            ("cut-off", (reading.cut_off, reading.cut_off_men), [cut.id for cut in instrument.cut_offs]),
            ("item", (reading.item,), [item.id for item in instrument.items]),
        ):
            if unknown := [each for each in found if each is not None and each not in known]:
                yield f"{key}: found the {name} {', '.join(unknown)} of {instrument.id}; allowed: {', '.join(known)}"


def _check_protocols(catalog: Catalog) -> None:
    for protocol in catalog.protocols.values():
        for problem in protocol_link_problems(protocol, catalog.instruments):
            raise CatalogError(f"{protocol.id}.toml: {problem}")


def protocol_link_problems(protocol: Protocol, instruments: Mapping[str, Instrument]) -> Iterator[str]:
    """Instruments of measures and rows that the catalog does not have, and rows that leave scores out: each with key, found, allowed."""
    for place, measures in [("measures", protocol.measures), *((f"phases.{p.id}.measures", p.measures) for p in protocol.phases)]:
        for measured in measures:
            if measured.instrument is not None and measured.instrument not in instruments:
                yield f"{place}: found the unknown instrument {measured.instrument!r}; allowed: {', '.join(sorted(instruments))}"
    for phase in protocol.phases:
        for row in phase.rows:
            yield from (f"phases.{phase.id}.rows.{row.instrument}: {problem}" for problem in row_problems(row, instruments))


def row_problems(row: Row, instruments: Mapping[str, Instrument]) -> Iterator[str]:
    """An instrument that is unknown, scores of it that a row says nothing of, or that cannot occur."""
    instrument = instruments.get(row.instrument)
    if instrument is None:
        yield f"found the unknown instrument {row.instrument!r}; allowed: {', '.join(sorted(instruments))}"
        return
    span = instrument.range
    if span is None or not instrument.lower_is_better:
        yield "found an instrument without a range, or on which higher is better; allowed: a range, and lower is better"
        return
    if (row.remission[0], row.no_response[1]) != (span.minimum, span.maximum):
        found = f"{row.remission[0]:g} to {row.no_response[1]:g}"
        yield f"found scores from {found}; allowed: the whole range, {span.minimum:g} to {span.maximum:g}"
    step = span.step or 0.1  # A score without a step is reported to one decimal.
    for below, above in ((row.remission, row.partial), (row.partial, row.no_response)):
        if abs(above[0] - below[1] - step) > 1e-9:
            yield f"found nothing between {below[1]:g} and {above[0]:g}; allowed: no hole, the next from {below[1] + step:g}"
