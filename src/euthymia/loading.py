"""Loads `knowledge/`, and over it a site's own folder, once into a Catalog."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from euthymia.alerting import AlertRules
from euthymia.base_rates import BaseRates
from euthymia.catalog import Catalog, Term, VerdictRules
from euthymia.combination_rules import CombinationRules
from euthymia.crisis import CrisisLines, Here
from euthymia.decision import DecisionRules
from euthymia.definition import Definition
from euthymia.facts import Id, Reference, Strict
from euthymia.home_rules import HomeRules
from euthymia.instrument import Instrument
from euthymia.knowledge_file import KNOWLEDGE, CatalogError, parse, read_knowledge, read_toml
from euthymia.ledger_rules import LedgerRules
from euthymia.links import check_links
from euthymia.monitoring_form import MonitoringForm
from euthymia.option import LookedFile, OptionFile, OptionLimits
from euthymia.phrases import Phrases
from euthymia.population import Population
from euthymia.protocol import Protocol
from euthymia.question import GradingRules, Question
from euthymia.resistance_table import ResistanceTable
from euthymia.rule import RuleSet, Vocabulary
from euthymia.sheet_rules import SheetRules
from euthymia.study import Study, StudyFile
from euthymia.titration_rules import TitrationRules
from euthymia.treatment import AdequacyRules, Treatment, TreatmentFile

M = TypeVar("M", bound=BaseModel)
VOCABULARY = "rules/vocabulary.toml"
# The parts of the catalog that are one file each.
_OF_ONE_FILE: dict[str, tuple[str, type[BaseModel]]] = {
    "verdict": ("verdict/rules.toml", VerdictRules),
    "ledger": ("verdict/ledger.toml", LedgerRules),
    "combination": ("combination/rules.toml", CombinationRules),
    "titration": ("titration/rules.toml", TitrationRules),
    "decisions": ("decisions/rules.toml", DecisionRules),
    "crisis_lines": ("help/lines.toml", CrisisLines),
    "here": ("help/here.toml", Here),
    "alerts": ("help/alerts.toml", AlertRules),
    "home": ("home/reconciling.toml", HomeRules),
    "looking": ("options/looking.toml", LookedFile),
    "option_limits": ("options/limits.toml", OptionLimits),
    "adequacy": ("adequacy/rules.toml", AdequacyRules),
    "resistance": ("adequacy/resistance.toml", ResistanceTable),
    "sheet": ("sessions/sheet.toml", SheetRules),
    "base_rates": ("sessions/base_rates.toml", BaseRates),
    "grading": ("evidence/grading.toml", GradingRules),
}


def load_catalog(site: Path | str | None = None) -> Catalog:
    """Load the shipped knowledge, and over it a site's own folder.

    A site's folder has the same layout as `knowledge/`; a file of the same name replaces the shipped one, a new one
    is added, and `texts/<instrument>.toml` supplies item wording that the site has licensed. Raises CatalogError.
    """
    return _load(KNOWLEDGE, Path(site) if site is not None else None)


def load_folders(base: Path, site: Path | None) -> Catalog:
    """Load a folder laid out like `knowledge/` in place of the shipped one, and over it a site's: a version kept from before."""
    sources = _sources(base, site)
    digest = hashlib.sha256()
    for name, path in sources.items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    texts = {Path(n).stem: p for n, p in sources.items() if n.startswith("texts/")}
    vocabulary = read_knowledge(sources[VOCABULARY], Vocabulary)
    alone: dict[str, Any] = {part: read_knowledge(sources[name], model) for part, (name, model) in _OF_ONE_FILE.items()}
    catalog = Catalog(
        **alone,
        version="1",
        digest=digest.hexdigest(),
        references=_references(sources),
        instruments=_folder(sources, "instruments", Instrument, texts),
        definitions=_folder(sources, "outcomes", Definition),
        protocols=_folder(sources, "protocols", Protocol),
        phrases=_folder(sources, "phrases", Phrases),
        option_files=_option_files(sources),
        populations=_folder(sources, "trajectory", Population),
        codes={key: parse(sources["codes.toml"], value, Term) for key, value in read_toml(sources["codes.toml"]).items()},
        forms=_folder(sources, "forms", MonitoringForm),
        treatments=_treatments(sources),
        rules=_folder({name: path for name, path in sources.items() if name != VOCABULARY}, "rules", RuleSet),
        vocabulary=vocabulary.facts,
        measurements=vocabulary.measurements,
        drug_classes=vocabulary.drug_classes,
        conversions=vocabulary.conversions,
        followed=vocabulary.followed,
        long_term_evidence=vocabulary.long_term_evidence,
        studies=_studies(sources),
        questions=_folder(sources, "evidence/questions", Question),
    )
    check_links(catalog)
    return catalog


_load = lru_cache(maxsize=4)(load_folders)


def _sources(base: Path, site: Path | None) -> dict[str, Path]:
    if site is not None and not site.is_dir():
        raise CatalogError(f"{site}: found no such folder; allowed: a folder laid out like knowledge/")
    found: dict[str, Path] = {}
    for root in (base, *([site] if site else [])):
        for path in sorted(root.rglob("*.toml")):
            if not path.name.endswith(".cases.toml"):
                name = path.relative_to(root).as_posix()
                # A site adds references; it does not have to copy the shipped ones.
                added = root == site and name == "references.toml"
                found["references.site.toml" if added else name] = path
    shipped = {Path(name).parts[0] for name in found if (base / name).exists()}
    for name in sorted(found):
        if Path(name).parts[0] not in {*shipped, "references.site.toml", "texts"}:
            raise CatalogError(f"{name}: found a place that nothing is read from; allowed: {', '.join(sorted({*shipped, 'texts'}))}")
    return dict(sorted(found.items()))


class _References(Strict):
    references: dict[Id, Reference]


def _references(sources: dict[str, Path]) -> dict[str, Reference]:
    """The shipped references and a site's own; where both have an id, the site's holds."""
    found: dict[str, Reference] = {}
    for name in ("references.toml", "references.site.toml"):
        if name in sources:
            found |= parse(sources[name], {"references": read_toml(sources[name])}, _References).references
    return found


def _folder(sources: dict[str, Path], folder: str, model: type[M], texts: dict[str, Path] | None = None) -> dict[str, M]:
    loaded: dict[str, M] = {}
    for name, path in sources.items():
        if not name.startswith(f"{folder}/"):
            continue
        data = read_toml(path)
        value = parse(path, data, model)
        if texts and path.stem in texts:
            value = parse(path, _with_texts(data, texts[path.stem]), model)
        if getattr(value, "id", None) != path.stem:
            raise CatalogError(f"{path.name}: id: found {getattr(value, 'id', None)!r}; allowed: the file's own name, {path.stem!r}")
        loaded[path.stem] = value
    for stray in sorted(set(texts or ()) - set(loaded)):
        raise CatalogError(f"texts/{stray}.toml: found no such instrument; allowed: {', '.join(loaded)}")
    return loaded


def _treatments(sources: dict[str, Path]) -> dict[str, Treatment]:
    """The treatments of every file of `adequacy/`, by their ids. Raises CatalogError where two have one id."""
    found: dict[str, Treatment] = {}
    for name, path in sources.items():
        if not name.startswith("adequacy/") or name in ("adequacy/rules.toml", "adequacy/resistance.toml"):
            continue
        data = read_toml(path)
        # A treatment stands under its id.
        named = {key: {"id": key, **value} if isinstance(value, dict) else value for key, value in data.items()}
        for treatment_id, treatment in parse(path, {"treatments": named}, TreatmentFile).treatments.items():
            if treatment_id in found:
                raise CatalogError(f"{path.name}: {treatment_id}: found a treatment that another file has; allowed: each once")
            found[treatment_id] = treatment
    return found


def _studies(sources: dict[str, Path]) -> dict[str, Study]:
    """The studies of every file of `evidence/studies/`, by their ids. Raises CatalogError where two have one id."""
    found: dict[str, Study] = {}
    for name, path in sources.items():
        if not name.startswith("evidence/studies/"):
            continue
        for study_id, study in read_knowledge(path, StudyFile).studies.items():
            if study_id in found:
                raise CatalogError(f"{path.name}: {study_id}: found a study that another file has; allowed: each once")
            found[study_id] = study
    return found


def _option_files(sources: dict[str, Path]) -> dict[str, OptionFile]:
    """The files of `options/`. Raises CatalogError where two options have one id."""
    files = {n: p for n, p in sources.items() if n.startswith("options/") and n not in ("options/limits.toml", "options/looking.toml")}
    found = _folder(files, "options", OptionFile)
    seen: set[str] = set()
    for file in found.values():
        for option in file.options:
            if option.id in seen:
                raise CatalogError(f"{file.id}.toml: options.{option.id}: found an id that another option has; allowed: each once")
            seen.add(option.id)
    return found


class SiteText(Strict):
    """A site's licensed wording of one instrument: item id to text, answer to label, and the licence that it holds."""

    licence: str
    stem: str | None = None
    items: dict[str, str]
    answers: dict[str, str] = Field({})
    translations: dict[Id, dict[str, Any]] = Field({}, description="As in an instrument's own file.")


def _with_texts(data: dict[str, Any], path: Path) -> dict[str, Any]:
    texts = read_knowledge(path, SiteText)
    known = {item["id"] for item in data["items"]}
    for item_id in texts.items:
        if item_id not in known:
            raise CatalogError(f"{path.name}: items.{item_id}: found an item that {data['id']} does not have; allowed: {sorted(known)}")
    items = [{**item, **({"text": texts.items[item["id"]]} if item["id"] in texts.items else {})} for item in data["items"]]
    licence = {**data["licence"], "ship_item_text": True, "terms": f"supplied by the site: {texts.licence}"}
    own = {"stem": texts.stem or data.get("stem"), "translations": texts.translations or data.get("translations", {})}
    return {**data, **own, "items": items, "licence": licence, "answers": texts.answers or data.get("answers", {})}
