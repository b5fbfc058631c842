"""Ten home regimens over 90 days: every planted discrepancy is found, on its day, and none is invented."""

from collections import Counter

import pytest

from core.home.planted import ON, TEN, Home
from euthymia.home import HomeFinding, home_doses
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord

CATALOG = load_catalog()
SEEDS = range(20)


def found(home: Home) -> list[HomeFinding]:
    record = PatientRecord.model_validate({"patient_id": "p", "events": home.events})
    doses = home_doses(record.until(ON), CATALOG, ON)
    assert doses is not None
    return [finding for each in doses.each for finding in each.findings]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("regimen", TEN, ids=lambda regimen: regimen.__name__)
def test_every_discrepancy_is_found_and_none_invented(regimen, seed):
    home = regimen(seed)
    assert Counter((finding.kind, finding.day) for finding in found(home)) == home.expected


@pytest.mark.parametrize("regimen", TEN, ids=lambda regimen: regimen.__name__)
def test_every_finding_names_events_of_the_record(regimen):
    home = regimen(0)
    ids = {event["id"] for event in home.events}
    for finding in found(home):
        assert finding.events
        assert set(finding.events) <= ids
        assert finding.sentence
        assert finding.status == CATALOG.home.findings[finding.kind].status


def test_something_is_planted_in_all_but_one():
    planted = {regimen.__name__: sum(regimen(0).expected.values()) for regimen in TEN}
    assert planted.pop("daily_without_anything") == 0
    assert all(planted.values()), planted
    assert {kind for regimen in TEN for seed in SEEDS for kind, _ in regimen(seed).expected} == set(CATALOG.home.findings)
