"""Loads `knowledge/`, and over it a site's own folder, once into a Catalog."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from euthymia.catalog import Catalog, Term, VerdictRules
from euthymia.definition import Definition
from euthymia.facts import Id, Reference, Strict
from euthymia.instrument import Instrument
from euthymia.knowledge_file import KNOWLEDGE, CatalogError, parse, read_knowledge, read_toml
from euthymia.links import check_links
from euthymia.population import Population
from euthymia.protocol import Protocol

M = TypeVar("M", bound=BaseModel)


def load_catalog(site: Path | str | None = None) -> Catalog:
    """Load the shipped knowledge, and over it a site's own folder.

    A site's folder has the same layout as `knowledge/`; a file of the same name replaces the shipped one, a new one
    is added, and `texts/<instrument>.toml` supplies item wording that the site has licensed. Raises CatalogError.
    """
    return _load(KNOWLEDGE, Path(site) if site is not None else None)


@lru_cache(maxsize=4)
def _load(base: Path, site: Path | None) -> Catalog:
    sources = _sources(base, site)
    digest = hashlib.sha256()
    for name, path in sources.items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    texts = {Path(n).stem: p for n, p in sources.items() if n.startswith("texts/")}
    catalog = Catalog(
        version="1",
        digest=digest.hexdigest(),
        references=_references(sources),
        instruments=_folder(sources, "instruments", Instrument, texts),
        definitions=_folder(sources, "outcomes", Definition),
        protocols=_folder(sources, "protocols", Protocol),
        verdict=read_knowledge(sources["verdict/rules.toml"], VerdictRules),
        populations=_folder(sources, "trajectory", Population),
        codes={key: parse(sources["codes.toml"], value, Term) for key, value in read_toml(sources["codes.toml"]).items()},
    )
    check_links(catalog)
    return catalog


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


class SiteText(Strict):
    """A site's licensed wording of one instrument: item id to text, answer to label, and the licence that it holds."""

    licence: str
    items: dict[str, str]
    answers: dict[str, str] = Field({})


def _with_texts(data: dict[str, Any], path: Path) -> dict[str, Any]:
    texts = read_knowledge(path, SiteText)
    known = {item["id"] for item in data["items"]}
    for item_id in texts.items:
        if item_id not in known:
            raise CatalogError(f"{path.name}: items.{item_id}: found an item that {data['id']} does not have; allowed: {sorted(known)}")
    items = [{**item, **({"text": texts.items[item["id"]]} if item["id"] in texts.items else {})} for item in data["items"]]
    licence = {**data["licence"], "ship_item_text": True, "terms": f"supplied by the site: {texts.licence}"}
    return {**data, "items": items, "licence": licence, "answers": texts.answers or data.get("answers", {})}
