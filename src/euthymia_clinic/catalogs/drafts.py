"""What a site has changed and not yet adopted: its files with its values in them."""

from dataclasses import dataclass
from typing import cast

from euthymia.catalog import Catalog
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.catalogs.editing import Scalar, edited
from euthymia_clinic.catalogs.in_force import Files, catalog_with, shipped_files
from euthymia_clinic.catalogs.models import SiteFile, SiteValue


@dataclass(frozen=True)
class Draft:
    """The site's values and files that hold now. Whether they have been adopted, the digest of their catalog says."""

    values: tuple[SiteValue, ...]
    files: tuple[SiteFile, ...]

    def overlay(self) -> Files:
        """The files over the shipped ones: the site's own, and copies of the shipped with the site's values. Raises ValueProblemError."""
        found: Files = {file.path: file.text for file in self.files if file.text is not None}
        for value in self.values:
            name, _, path = value.place.partition(":")
            base = found.get(name, shipped_files().get(name, ""))
            found[name] = edited(base, path, cast(Scalar, value.value), value.reason, value.reference)
        return found

    def catalog(self) -> Catalog:
        """The catalog that an adoption would put in force. Raises CatalogError, ValueProblemError."""
        return catalog_with(self.overlay())


def draft_of(site: Site) -> Draft:
    """The values and files of a site as they are now, adopted or not."""
    values = {value.place: value for value in SiteValue.objects.filter(site=site).order_by("pk")}
    files = {file.path: file for file in SiteFile.objects.filter(site=site).order_by("pk")}
    return Draft(
        tuple(value for value in values.values() if value.value is not None),
        tuple(file for file in files.values() if file.text is not None),
    )
