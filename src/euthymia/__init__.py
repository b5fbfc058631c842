"""Is this protocol moving toward remission, or managing symptoms at a tolerable baseline?

    import euthymia
    catalog = euthymia.load_catalog()
    euthymia.score(catalog, "phq9", [2, 2, 2, 1, 1, 2, 2, 1, 0])
    record, skipped = euthymia.read("patient.json")
    euthymia.review(record, catalog, on=date(2026, 3, 1))

The names below are the public door; each is imported when it is first used, so that scoring does not wait for NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_DOOR = {
    "load_catalog": "euthymia.loading",
    "Catalog": "euthymia.catalog",
    "CatalogError": "euthymia.knowledge_file",
    "score": "euthymia.scoring",
    "Score": "euthymia.scoring",
    "Unscorable": "euthymia.scoring",
    "PatientRecord": "euthymia.record",
    "read": "euthymia.reading",
    "read_many": "euthymia.reading",
    "ReadError": "euthymia.reading",
    "Reading": "euthymia.reading",
    "Skipped": "euthymia.reading",
    "review": "euthymia.reviewing",
    "Review": "euthymia.reviewing",
}
__all__ = ["__version__", *_DOOR]  # noqa: PLE0604

if TYPE_CHECKING:
    from euthymia.catalog import Catalog as Catalog
    from euthymia.knowledge_file import CatalogError as CatalogError
    from euthymia.loading import load_catalog as load_catalog
    from euthymia.reading import ReadError as ReadError
    from euthymia.reading import Reading as Reading
    from euthymia.reading import Skipped as Skipped
    from euthymia.reading import read as read
    from euthymia.reading import read_many as read_many
    from euthymia.record import PatientRecord as PatientRecord
    from euthymia.reviewing import Review as Review
    from euthymia.reviewing import review as review
    from euthymia.scoring import Score as Score
    from euthymia.scoring import Unscorable as Unscorable
    from euthymia.scoring import score as score


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _DOOR:
        raise AttributeError(f"module 'euthymia' has no attribute {name!r}")
    return getattr(import_module(_DOOR[name]), name)
