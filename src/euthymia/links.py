"""Do the links of the catalog hold? Every id that a knowledge file names must be there."""

from euthymia.catalog import Catalog
from euthymia.knowledge_file import CatalogError


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
    rules = catalog.verdict
    if rules.default_definition not in catalog.definitions or rules.default_protocol not in catalog.protocols:
        raise CatalogError(
            "rules.toml: default_definition, default_protocol: found an id without a file; allowed: ids of outcomes/ and protocols/"
        )
    for population in catalog.populations.values():
        if population.instrument not in known:
            raise CatalogError(f"{population.id}.toml: instrument: found {population.instrument!r}; allowed: {', '.join(sorted(known))}")
        if unknown := sorted(set(population.protocols) - set(catalog.protocols)):
            allowed = ", ".join(sorted(catalog.protocols))
            raise CatalogError(f"{population.id}.toml: protocols: found {', '.join(unknown)}; allowed: {allowed}")
