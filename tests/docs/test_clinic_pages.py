"""The pages on the clinic, its alerts and its ledger say what the code and the knowledge say."""

import re
import tomllib
from pathlib import Path

import pytest
from django.urls import resolve, reverse

from euthymia.alerting import TIERS
from euthymia.cli import app
from euthymia.loading import load_catalog
from euthymia_clinic.accounts.models import OnCall, Role
from euthymia_clinic.accounts.permissions import ADMINISTERS, ARRANGES_ON_CALL, ON_CALL
from euthymia_clinic.chart.actions import GLASS_STAYS_BROKEN
from euthymia_clinic.chart.panel_actions import ADMITS
from euthymia_clinic.chart.permissions import BREAKS_GLASS, CLINICAL, DECIDES, ENTERS
from euthymia_clinic.checkins.jobs import SENDS_ITSELF_AFTER
from euthymia_clinic.checkins.messages import PAUSES
from euthymia_clinic.checkins.planning import APART, FIRST_HOUR, LADDER, LAST_HOUR
from euthymia_clinic.demo.roles import DEMO_PEOPLE, PASSWORD
from euthymia_clinic.governance.actions import SETS
from euthymia_clinic.serving.variables import VARIABLES
from euthymia_clinic.sessions.permissions import ATTENDS

ROOT = Path(__file__).parents[2]
CATALOG = load_catalog()
LEAD = frozenset({Role.MEDICAL_LEAD})
SHOWN = (Role.PRESCRIBER, Role.NURSE, Role.THERAPIST, Role.MEDICAL_LEAD, Role.ADMINISTRATOR, Role.AUDITOR)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(name: str) -> dict[str, list[str]]:
    """The rows of every table of a page, by their first cell."""
    lines = [line for line in page(name).splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    cells = [[cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")] for line in lines]
    return {first.strip("`"): rest for first, *rest in cells}


def door(name: str, *args: object) -> frozenset[Role]:
    """The roles that the door of a page lets in."""
    kind, roles = resolve(reverse(name, args=args)).func.door  # type: ignore[attr-defined]
    assert kind == "roles"
    return frozenset(roles) or frozenset(SHOWN)


# the clinic


def test_the_variables_are_those_that_the_clinic_reads() -> None:
    shown = {name: cells[0] for name, cells in rows("clinic.md").items() if name.startswith("EUTHYMIA_")}
    assert shown == VARIABLES
    assert "DATABASE_URL" in rows("clinic.md")


def test_who_may_do_what_is_what_the_permissions_say() -> None:
    told = {
        "panel, charts, sessions, long-term safety, REMS forms, alerts, check-ins of one's own patients": (
            CLINICAL & door("sessions") & door("rems_all") & door("alerts") & door("checkins")
        ),
        "every chart of the site without a reason": LEAD,
        "enter and correct; send and excuse check-ins; acknowledge and resolve alerts; raise a concern; send the patient's page": ENTERS,
        "decide; enter a regimen; say who is in the care team; answer for a gate that holds; sign with something missing": DECIDES,
        "take somebody into care; write on a session sheet": ADMITS & door("admit") & ATTENDS,
        "open a colleague's chart with a reason, for four hours": BREAKS_GLASS,
        "be paged when somebody is at risk": ON_CALL,
        "arrange who is paged, and the site's hours and contact": ARRANGES_ON_CALL & SETS & door("on_call") & door("site_settings"),
        "outcomes: how the chances came out": door("outcomes"),
        "read the knowledge": door("knowledge"),
        "change a value, see its effect, adopt a version": door("site_value") & door("effect") & door("adopt"),
        "export one of one's own patients": CLINICAL,
        "export the whole site": door("site_export"),
        "people, roles, lost second factors": ADMINISTERS & door("people"),
        "the audit; who opened a chart with a reason": door("audit") & door("openings"),
    }
    found = {name: cells for name, cells in rows("clinic.md").items() if len(cells) == len(SHOWN)}
    heads = found.pop("what")
    assert heads == [role.label.lower() for role in SHOWN]
    shown = {name: {role for role, cell in zip(SHOWN, cells, strict=True) if cell == "yes"} for name, cells in found.items()}
    assert shown == told
    assert GLASS_STAYS_BROKEN.total_seconds() == 4 * 3600
    assert not any(Role.INTEGRATION in roles for roles in told.values())


def test_the_ladder_and_the_hours_of_messages() -> None:
    shown = {name: cells[0] for name, cells in rows("clinic.md").items() if name in {rung.words for rung in LADDER}}
    assert list(shown) == [rung.words for rung in LADDER]
    for rung in LADDER:
        hours = (rung.after_opening or rung.before_closing or APART * 0).total_seconds() / 3600
        assert shown[rung.words] == "as it opens" if not hours else shown[rung.words].startswith(f"{hours:g} hours ")
    text = page("clinic.md")
    assert f"Between {FIRST_HOUR.hour}:00 and {LAST_HOUR.hour}:00" in text
    assert APART.total_seconds() == 2 * 3600
    assert f"{SENDS_ITSELF_AFTER.total_seconds() / 60:.0f} minutes; what was begun" in " ".join(text.split())
    *first, last = [f"{pause.total_seconds() / 60:.0f}" for pause in PAUSES]
    assert f"{', '.join(first)} and {last} minutes" in text
    assert f"in the {CATALOG.verdict.before_session_hours.value:g} hours before the session" in text


def test_the_tiers_are_on_the_page_of_the_clinic_in_order() -> None:
    assert [name for name in rows("clinic.md") if name in TIERS] == list(TIERS)
    minutes = OnCall._meta.get_field("minutes_to_answer").default
    assert f"({minutes} unless the site says otherwise)" in page("clinic.md")
    assert f"({minutes} minutes unless it says otherwise)" in page("methods/alerts.md")


def test_the_sign_ins_are_those_of_the_demo() -> None:
    for text in (page("clinic.md"), page("../README.md")):
        assert f"`{PASSWORD}`" in text
        named = set(re.findall(r"`([\w.]+@demo\.example)`", text))
        assert named <= {person.email for person in DEMO_PEOPLE}
        assert {"prescriber@demo.example", "lead@demo.example", "auditor@demo.example", "stranger@demo.example"} <= named
    assert {person.email for person in DEMO_PEOPLE} == set(re.findall(r"`([\w.]+@demo\.example)`", page("clinic.md")))


def test_the_commands_of_the_page_exist() -> None:
    named = set(re.findall(r"euthymia (serve|site|work|backup|restore|audit|clinic)\b", page("clinic.md")))
    known = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert {"serve", "site", "work", "backup", "restore", "audit"} <= named <= known


# alerts


def test_the_table_of_alerts_is_that_of_the_file_in_its_order() -> None:
    _, *listed = [cells for cells in rows_in_order("methods/alerts.md") if len(cells) == 6]
    sources = [row.status + (f", `{row.ref}" if row.ref else "") for row in CATALOG.alerts.rows]
    wanted = [[row.id, row.tier, row.when, row.words, row.rule or "its own steps"] for row in CATALOG.alerts.rows]
    assert listed == [[*cells, source] for cells, source in zip(wanted, sources, strict=True)]


def rows_in_order(name: str) -> list[list[str]]:
    lines = [line for line in page(name).splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return [[cell.strip().strip("`") for cell in line.strip("| ").split(" | ")] for line in lines]


def test_the_numbers_of_alerts_are_those_of_the_file() -> None:
    file = tomllib.loads((ROOT / "src/euthymia/knowledge/help/alerts.toml").read_text(encoding="utf-8"))
    numbers = {name: (f"{said['value']:g}", said["note"]) for name, said in file.items() if isinstance(said, dict) and "value" in said}
    found = rows("methods/alerts.md")
    assert {name: tuple(found[name]) for name in numbers} == numbers
    assert {row.when for row in CATALOG.alerts.rows} <= set(found)
    assert f"Alerts of {CATALOG.alerts.measured_days.value:g} days" in page("methods/alerts.md")
    assert f"Where {CATALOG.alerts.receives_more_by.value:g} more were received than resolved" in page("methods/alerts.md")


# the ledger


def test_the_numbers_of_the_ledger_are_those_of_the_file() -> None:
    rules = CATALOG.ledger
    numbers = {name: number.value for name, number in rules if hasattr(number, "value")}
    found = rows("methods/ledger.md")
    assert {name: float(found[name][0]) for name in numbers} == numbers
    text = page("methods/ledger.md").replace("−", "-")
    assert f"({', '.join(f'{shift:g}' for shift in rules.alternatives.shifts)})" in text
    assert f"({', '.join(f'{slope:g}' for slope in rules.alternatives.slopes)})" in text
    assert f"1/`false_withdrawal` = {1 / rules.false_withdrawal.value:g}" in text


def test_the_simulated_figures_are_those_of_the_module() -> None:
    import euthymia.ledger as ledger

    said = " ".join((ledger.__doc__ or "").split())
    assert "at 160 calibrated patients, and at 160 whose chances are 4 points too high, 0 of 60 sites" in said
    text = page("methods/ledger.md")
    for what, patients, share in (
        ("calibrated", 160, "0 of 60"),
        ("4 points too high", 160, "0 of 60"),
        ("twice what they should be", 20, "72 %"),
        ("twice what they should be", 40, "all"),
        ("20 points too high", 40, "43 %"),
        ("20 points too high", 80, "88 %"),
        ("20 points too high", 160, "all"),
        ("15 points too low", 80, "37 %"),
        ("15 points too low", 160, "72 %"),
    ):
        assert f"| {what} | {patients} | {share} |" in text
        assert share == "all" or share in said


@pytest.mark.parametrize("name", ["clinic.md", "methods/alerts.md", "methods/ledger.md"])
def test_a_page_is_short(name: str) -> None:
    assert len(page(name).splitlines()) <= 220
