"""By reflection: every address has exactly one door, every action is audited, and no view writes by itself."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from django.urls import URLPattern, get_resolver, reverse

import euthymia_clinic
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.pages import access
from euthymia_clinic.pages.urls import urlpatterns

ROOT = Path(euthymia_clinic.__file__).parent
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete",
    "raw",
    "asave",
    "acreate",
    "adelete",
}
DOORS = {"roles", "care_team", "glass", "alert", "sheet", "open"}


def modules_named(last):
    return [name for _, name, _ in pkgutil.walk_packages([str(ROOT)], "euthymia_clinic.") if name.split(".")[-1] == last]


def files_under(*parts):
    return sorted(ROOT.joinpath(*parts).rglob("*.py"))


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_every_address_has_exactly_one_door(pattern) -> None:
    assert isinstance(pattern, URLPattern)
    assert pattern.name, pattern
    kind, said = pattern.callback.door
    assert kind in DOORS
    if kind == "roles":
        assert set(said) <= set(Role)
    if kind in ("care_team", "sheet"):
        assert said.strip()
    # One door, not one within another.
    view, doors = pattern.callback, 0
    while view is not None:
        doors += "door" in vars(view) and view.door is not getattr(vars(view).get("__wrapped__"), "door", None)
        view = getattr(view, "__wrapped__", None)
    assert doors == 1


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_an_address_with_a_patient_asks_for_the_patient(pattern) -> None:
    has_patient = "patient_id" in pattern.pattern.converters
    assert (pattern.callback.door[0] in ("care_team", "glass")) == has_patient


def test_addresses_have_one_name_each() -> None:
    names = [pattern.name for pattern in urlpatterns]
    assert len(names) == len(set(names))


def test_every_public_function_of_an_actions_module_is_an_action() -> None:
    found = modules_named("actions")
    assert {"euthymia_clinic.accounts.actions", "euthymia_clinic.chart.actions"} <= set(found)
    names: dict[str, str] = {}
    for name in found:
        module = importlib.import_module(name)
        for each, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != name or each.startswith("_"):
                continue
            if not hasattr(function, "action_name"):
                # What only reads or computes may stand beside the actions.
                assert list(writes_in(ast.parse(inspect.getsource(function)))) == [], f"{name}.{each} is not decorated with @action"
                continue
            first = next(iter(inspect.signature(function).parameters.values()))
            assert first.name == "actor", f"{name}.{each} does not take the actor first"
            assert first.kind is inspect.Parameter.POSITIONAL_ONLY, f"{name}.{each} takes the actor by name"
            same = names.setdefault(function.action_name, f"{name}.{each}")
            assert same == f"{name}.{each}", f"{same} and {name}.{each} tell the same"


def writes_in(tree):
    """Calls of the ORM's writing methods; `.update(` only where it hangs on a query, since dictionaries have one too."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        chain = ast.unparse(node.func.value)
        query = any(word in chain for word in (".objects", ".filter(", ".exclude(", ".all(", "_set"))
        if node.func.attr in WRITES or (node.func.attr == "update" and query):
            yield f"line {node.lineno}: {ast.unparse(node.func)}"


@pytest.mark.parametrize("path", files_under("pages"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_writes_by_itself(path) -> None:
    assert list(writes_in(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_search_for_writes_finds_them() -> None:
    found = list(
        writes_in(ast.parse("Patient.objects.filter(pk=1).update(code='x')\nrow.save()\n{}.update(a=1)\nx.patient_set.update(a=1)"))
    )
    assert len(found) == 3


def test_what_is_not_ours_is_allauths_and_closed_where_it_is_not_used() -> None:
    outside = [
        pattern for pattern in get_resolver().url_patterns if "euthymia_clinic.pages" not in str(getattr(pattern, "urlconf_name", ""))
    ]
    assert {str(pattern.pattern) for pattern in outside} == {
        "^accounts/(?:signup|email|confirm-email|login/code)/",
        "accounts/",
        "accounts/2fa/",
    }
    assert reverse("account_login") == "/accounts/login/"


def test_doors_say_what_they_are() -> None:
    for door in (access.for_roles, access.for_care_team, access.for_breaking_glass, access.open_to_all):
        assert door.__doc__
