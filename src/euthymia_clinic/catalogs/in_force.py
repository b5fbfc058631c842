"""The catalog in force at a site, and any that was in force before."""

import json
import zlib
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import IntegrityError, transaction
from django.utils import timezone

from euthymia import __version__
from euthymia.catalog import Catalog
from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog, load_folders
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.catalogs.models import Adoption, CatalogVersion

Files = dict[str, str]


class NotReplayableError(Exception):
    """A version that this engine cannot load as it was: what was stored then stands, it cannot be computed again."""


def adoption_of(site: Site) -> Adoption | None:
    """The adoption in force; None until a medical lead has adopted one, which every page then says."""
    return Adoption.objects.filter(site=site).select_related("version").order_by("at", "pk").last()


def catalog_of(site: Site) -> Catalog:
    """The catalog in force at a site: exactly the version adopted there, else the shipped one, adopted by nobody.

    A new engine does not change what a site has adopted: the shipped files of that day are kept with it. Where it cannot
    read them any more, its own are used, and are said to be adopted by nobody.
    """
    # Only which one: the files of a version are large, and those of the last ones are loaded already.
    found = Adoption.objects.filter(site=site).order_by("at", "pk").values_list("version_id", "by_name").last()
    if found is None:
        return load_catalog()
    try:
        return _adopted(*found)
    except NotReplayableError:
        return load_catalog()


def catalog_by_digest(digest: str) -> Catalog:
    """A version of the past, exactly as it was. Raises NotReplayableError where none was kept, or this engine cannot read it."""
    if digest == load_catalog().digest:
        return load_catalog()
    return _adopted(digest, "")


def catalog_with(files: Files) -> Catalog:
    """The shipped knowledge with a site's own files over it (path to text). Raises CatalogError naming file and place."""
    return _merged(tuple(sorted(files.items()))) if files else load_catalog()


def keep_version(catalog: Catalog, files: Files) -> CatalogVersion:
    """Keep a version for ever, inside an action; the same version is kept once, whoever comes first."""
    found = CatalogVersion.objects.filter(pk=catalog.digest).first()
    if found is not None:
        return found
    shipped = zlib.compress(json.dumps(shipped_files()).encode())
    made = CatalogVersion(digest=catalog.digest, made_at=timezone.now(), engine=f"euthymia {__version__}", files=files, shipped=shipped)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        return CatalogVersion.objects.get(pk=catalog.digest)
    return made


def keep_shipped() -> None:
    """Keep the shipped knowledge as a version when a review first uses it; inside an action."""
    catalog = load_catalog()
    if not CatalogVersion.objects.filter(pk=catalog.digest).exists():
        keep_version(catalog, {})


@lru_cache(maxsize=1)
def shipped_files() -> Files:
    """The shipped knowledge, path to text, without its cases."""
    paths = sorted(path for path in KNOWLEDGE.rglob("*.toml") if not path.name.endswith(".cases.toml"))
    return {path.relative_to(KNOWLEDGE).as_posix(): path.read_bytes().decode("utf-8") for path in paths}


def shipped_with(version: CatalogVersion) -> Files:
    """The shipped files as they were when a version was kept."""
    found: Files = json.loads(zlib.decompress(bytes(version.shipped)))
    return found


@lru_cache(maxsize=16)
def _adopted(digest: str, by_name: str) -> Catalog:
    version = CatalogVersion.objects.filter(pk=digest).first()
    if version is None:
        raise NotReplayableError("found no version of this digest; allowed: one that was kept")
    try:
        with TemporaryDirectory() as folder:
            base, site = Path(folder) / "shipped", Path(folder) / "site"
            _write(base, shipped_with(version))
            _write(site, version.files)
            catalog = load_folders(base, site)
    except (CatalogError, KeyError, zlib.error) as error:
        raise NotReplayableError(f"this engine cannot read the version: {error}") from None
    if catalog.digest != digest:
        raise NotReplayableError("found files of another digest; allowed: those that were kept")
    return catalog.model_copy(update={"adopted_by": by_name or None})


@lru_cache(maxsize=8)
def _merged(files: tuple[tuple[str, str], ...]) -> Catalog:
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        _write(site, dict(files))
        return load_folders(KNOWLEDGE, site)


def _write(folder: Path, files: Files) -> None:
    folder.mkdir()
    for name, text in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise CatalogError(f"{name}: found a place outside of the folder; allowed: a path laid out like knowledge/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
