"""What a form is: how one kind of event is written as one type of resource, and read back."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from euthymia.catalog import Catalog
from euthymia.events import EventBase
from euthymia.interop.fhir_r4.elements import (
    EVENT,
    KIND,
    Element,
    Resource,
    extensions,
    get,
    put,
    read_extensions,
    text,
)

# A resource's source is a URI there; ours may be any words.
_SOURCE = Element("meta.source", lambda value: None if any(map(str.isspace, value)) else value, text("meta.source").read)
ENTERED_IN_ERROR = "entered-in-error"


class Status(NamedTuple):
    """Where the status stands, and what it says of an event that goes on and of one that has ended.

    Empty words: a field of the event says it.
    """

    path: str
    going_on: str = ""
    ended: str = ""


class Form(NamedTuple):
    """How one kind of event is written as one type of resource. Fields not named here travel as extensions."""

    kind: str
    resource: str
    elements: Mapping[str, Element]
    status: Status | None = None
    fixed: Mapping[str, Any] = {}
    implied: Mapping[str, Any] = {}
    when: Callable[[Mapping[str, Any]], bool] = lambda _fields: True
    subject: str = "subject"
    one_identifier: bool = False
    finish: Callable[[Resource], None] = lambda _resource: None
    write_more: Callable[[Resource, Mapping[str, Any], Catalog], None] = lambda _resource, _fields, _catalog: None
    read_more: Callable[[Mapping[str, Any], Catalog], Resource] = lambda _resource, _catalog: {}

    def write(self, event: EventBase, catalog: Catalog) -> Resource:
        """The resource of an event. What it does not say exactly, read back, is added as extensions."""
        fields = event.model_dump(mode="json", exclude_none=True)
        resource: Resource = {"resourceType": self.resource, **deepcopy(dict(self.fixed))}
        put(resource, "meta.tag", [{"system": KIND, "code": self.kind}])
        identifier = {"system": EVENT, "value": event.id}
        resource["identifier"] = identifier if self.one_identifier else [identifier]
        for name, element in {**self.elements, "source": _SOURCE}.items():
            if name in fields and (value := element.write(fields[name])) is not None:
                put(resource, element.path, value)
        self._put_status(resource, fields)
        self.write_more(resource, fields, catalog)
        self.finish(resource)
        said = self.read(resource, catalog)
        unsaid = [name for name in fields if name not in ("id", "kind") and _differ(said, name, fields[name], event)]
        added = [each for name in unsaid for each in extensions(name, fields[name], getattr(event, name))]
        if added:
            resource["extension"] = added
        return resource

    def read(self, resource: Mapping[str, Any], catalog: Catalog) -> Resource:
        """The fields that a resource says, without its extensions."""
        fields: Resource = {"kind": self.kind, **self.implied}
        for name, element in {**self.elements, "source": _SOURCE}.items():
            if (value := element.read(get(resource, element.path))) is not None:
                fields[name] = value
        if self.status and get(resource, self.status.path) == ENTERED_IN_ERROR:
            fields["entered_in_error"] = True
        return fields | self.read_more(resource, catalog)

    def read_own(self, resource: Mapping[str, Any], catalog: Catalog) -> Resource:
        """Every field of a resource that this project wrote; an extension is more exact than FHIR's field."""
        return self.read(resource, catalog) | read_extensions(resource) | {"id": event_id(resource)}

    def _put_status(self, resource: Resource, fields: Mapping[str, Any]) -> None:
        if not self.status:
            return
        ended = "ended" in fields or "settled" in fields
        word = self.status.ended if ended else self.status.going_on
        if fields.get("entered_in_error"):
            word = ENTERED_IN_ERROR
        if word:
            *parents, last = self.status.path.split(".")
            put(resource, ".".join((*parents, last)), word)


def event_id(resource: Mapping[str, Any]) -> str | None:
    """The id of the event that this project wrote as this resource; None of other systems' resources."""
    found = resource.get("identifier")
    identifiers = found if isinstance(found, list) else [found]
    return next((get(each, "value") for each in identifiers if get(each, "system") == EVENT), None)


def _differ(said: Mapping[str, Any], name: str, value: Any, event: EventBase) -> bool:  # noqa: ANN401
    default = type(event).model_fields[name].default
    return bool(said.get(name, list(default) if isinstance(default, tuple) else default) != value)
