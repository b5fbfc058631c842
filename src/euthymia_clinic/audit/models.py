"""The tables of the audit. Rows are added, never changed or taken away."""

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models

from euthymia_clinic.audit.witness import witness


class AppendOnlyError(Exception):
    """Somebody tried to change or take away what may only be added."""


Row = TypeVar("Row", bound=models.Model)


class AppendOnlyRows(models.QuerySet[Row]):
    """Rows of an append-only table: what is added is witnessed, nothing is changed or taken away."""

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Write many new rows. Raises AppendOnlyError where conflicts are to be passed over: such a row would be told and not be there."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise AppendOnlyError(f"found {self.model.__name__} rows written over conflicts; allowed: new rows alone")
        rows = super().bulk_create(objs, *args, **kwargs)
        for row in rows:
            if getattr(row, "witnessed", False):
                witness(row)
        return rows

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        """Raises AppendOnlyError."""
        raise AppendOnlyError(f"found a change of {self.model.__name__} rows; allowed: new rows")

    def delete(self) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(f"found a deletion of {self.model.__name__} rows; allowed: none")


class AppendOnly(models.Model):
    """A row that is written once. The entry of the action that wrote it carries its digest (witness.py)."""

    # False for the two tables that the chain itself seals.
    witnessed: ClassVar[bool] = True
    objects = models.Manager.from_queryset(AppendOnlyRows)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises AppendOnlyError for one that stands already."""
        if not self._state.adding:
            raise AppendOnlyError(f"found a change of {type(self).__name__} {self.pk}; allowed: a new row")
        super().save(*args, force_insert=True, **kwargs)
        if self.witnessed:
            witness(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:  # noqa: ARG002
        """Raises AppendOnlyError."""
        raise AppendOnlyError(f"found a deletion of {type(self).__name__} {self.pk}; allowed: none")


class Entry(AppendOnly):
    """One write, or one seal over reads. `hash` covers the row and the hash before it."""

    witnessed = False

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, blank=True, db_index=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["actor", "-seq"]), models.Index(fields=["action", "-seq"])]


class Head(models.Model):
    """The end of the chain: one row, locked by whoever adds to it, so that two writers cannot both follow the same entry."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class Read(AppendOnly):
    """One look at one patient's data (or at a list of them): who, when, which page. Sealed into the chain each minute."""

    witnessed = False

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    page = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, blank=True, db_index=True)
    break_glass = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["actor", "-id"])]
