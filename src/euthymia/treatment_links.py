"""Do the links of the treatment tables hold? Classes that staging asks for, bands that severity is read from."""

from collections.abc import Iterator

from euthymia.catalog import Catalog


def treatment_link_problems(catalog: Catalog) -> Iterator[str]:
    """Everything that leads nowhere, each with its file, key, found and allowed."""
    classes = {treatment.drug_class for treatment in catalog.treatments.values() if treatment.drug_class}
    for stage in catalog.resistance.thase_rush.stages:
        for unknown in sorted(set(stage.also) - classes):
            yield f"resistance.toml: thase_rush.stages.{stage.stage}: found the class {unknown!r}; allowed: {', '.join(sorted(classes))}"
    known = set(catalog.resistance.maudsley.severity.bands)
    for instrument in catalog.instruments.values():
        if instrument.severity_of_depression:
            for band in (band for band in instrument.bands if band.id not in known):
                yield f"resistance.toml: maudsley.severity.bands: found no score for {instrument.id}'s band {band.id!r}; allowed: each"
    seen: dict[tuple[str, str], str] = {}
    for treatment in catalog.treatments.values():
        for code in treatment.codes:
            other = seen.setdefault((code.system, code.code), treatment.id)
            if other != treatment.id:
                yield f"{treatment.id}: codes: found {code.system} {code.code}, which {other} has; allowed: each code once"
