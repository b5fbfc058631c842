"""The resources of one or several documents, and what their references mean."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from euthymia.interop.fhir_r4.elements import PATIENT, get
from euthymia.interop.intake import Intake, shown

_SUBJECTS = ("subject", "patient", "for", "beneficiary")


class Entry(NamedTuple):
    """One resource and its place. `bundle` is the place of the bundle that it came in, None outside of bundles."""

    key: int
    where: str
    bundle: str | None
    full_url: str | None
    resource: Mapping[str, Any]


def entries_of(document: object, where: str, intake: Intake) -> Iterator[Entry]:
    """Every resource of a Bundle, of a list or of a single resource; what is none of these is noted as skipped."""
    before = f"{where}: " if where else ""
    if isinstance(document, list):
        for index, each in enumerate(document):
            if isinstance(each, list):
                intake.skip(f"{before}[{index}]", "a list in a list", "a FHIR resource with its resourceType")
            else:
                yield from entries_of(each, f"{before}[{index}]", intake)
    elif not isinstance(document, Mapping) or not isinstance(document.get("resourceType"), str):
        intake.skip(where or "JSON", shown(document), "a FHIR resource with its resourceType")
    elif document["resourceType"] != "Bundle":
        yield Entry(id(document), where or document["resourceType"], None, None, document)
    else:
        entries = document.get("entry")
        for index, each in enumerate(entries if isinstance(entries, list) else []):
            place, full_url = f"{before}entry[{index}].resource", get(each, "fullUrl")
            for entry in entries_of(get(each, "resource"), place, intake):
                yield entry._replace(bundle=entry.bundle or where or "Bundle", full_url=entry.full_url or full_url)


class Resources:
    """An index of entries by every name under which they can be referred to."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = list(entries)
        self._by_name: dict[str, Entry] = {}
        self._kept: set[int] = set()
        for entry in entries:
            for name in (entry.full_url, f"{entry.resource['resourceType']}/{entry.resource.get('id')}"):
                if isinstance(name, str):
                    self._by_name.setdefault(name, entry)
        self.patients = {e.key: _own_id(e) for e in entries if e.resource["resourceType"] == "Patient"}

    def keep(self, entries: Sequence[Entry]) -> None:
        """Go on with these entries only (those that are valid); what refers to the others is not resolved by `member`."""
        self.entries = list(entries)
        self._kept = {entry.key for entry in entries}

    def member(self, reference: object) -> Mapping[str, Any] | None:
        """The valid resource of the documents that a Reference means; None if there is none."""
        entry = self.entry(reference)
        return entry.resource if entry and entry.key in self._kept else None

    def several_patients(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The bundles that hold more than one patient, each with the patients' ids."""
        bundles: dict[str, dict[str, None]] = {}
        for entry in self.entries:
            if entry.bundle is not None and entry.key in self.patients:
                bundles.setdefault(entry.bundle, {})[self.patients[entry.key]] = None
        yield from ((where, tuple(ids)) for where, ids in bundles.items() if len(ids) > 1)

    def resolve(self, reference: object, container: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
        """The resource that a Reference means, in the documents or contained in `container`; None if it is not there."""
        name = get(reference, "reference")
        if isinstance(name, str) and name.startswith("#"):
            inside = (container or {}).get("contained") or []
            return next((each for each in inside if get(each, "id") == name[1:]), None)
        entry = self.entry(reference)
        return entry.resource if entry else None

    def entry(self, reference: object) -> Entry | None:
        """The entry that a Reference means: by its fullUrl, or by Type/id (also at the end of an absolute address)."""
        name = get(reference, "reference")
        if not isinstance(name, str):
            return None
        name = name.partition("/_history/")[0]
        return self._by_name.get(name) or self._by_name.get("/".join(name.split("/")[-2:]))

    def patient_id(self, resource: Mapping[str, Any]) -> str | None:
        """Whose resource it is; None where it names no patient, or one that is not in the documents.

        Documents without any Patient resource (an Observation on its own) are taken at their word.
        """
        if resource["resourceType"] == "Patient":
            return self.patients.get(id(resource))
        reference = next((resource[name] for name in _SUBJECTS if isinstance(resource.get(name), Mapping)), None)
        entry = self.entry(reference)
        if entry is not None:
            return self.patients.get(entry.key)
        kind, _, name = str(get(reference, "reference") or "").partition("/_history/")[0].rpartition("/")
        name = name.strip()
        return name if not self.patients and name and kind.rpartition("/")[2] == "Patient" else None


def _own_id(entry: Entry) -> str:
    """The patient's id: ours where this project wrote it, else the resource's."""
    identifiers = entry.resource.get("identifier")
    for identifier in identifiers if isinstance(identifiers, list) else []:
        if get(identifier, "system") == PATIENT and str(get(identifier, "value") or "").strip():
            return str(identifier["value"]).strip()
    return str(entry.resource.get("id") or "").strip() or (entry.full_url or entry.where).removeprefix("urn:uuid:")
