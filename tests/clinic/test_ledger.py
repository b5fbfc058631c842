"""The calibration ledger at a site: what is entered, closed, counted, shown; and the number withdrawn, with the words left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.conftest import here_of, sample
from euthymia.episode import current_episode
from euthymia.events import Assessment
from euthymia.moment import Moment
from euthymia.reviewing import review
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.catalogs.actions import adopt, bring_file
from euthymia_clinic.catalogs.drafts import draft_of
from euthymia_clinic.catalogs.in_force import catalog_of, shipped_files
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.ledger import (
    as_shown,
    closable,
    counts_of,
    evidence_of,
    label_of,
    number_is_withdrawn,
    remember,
    withdraw_number,
)
from euthymia_clinic.chart.ledger_jobs import settle_forecasts
from euthymia_clinic.chart.models import Forecast, PanelRow
from euthymia_clinic.chart.snapshots import latest, take_snapshot
from euthymia_clinic.chart.to_core import record_of


@pytest.fixture
def asked(site, owner):
    """A patient of the sample, reviewed on the day of the last rating, so that the chance of that day was shown."""
    found = admit(system("test"), site, "0300", team=[owner])
    record_events(system("test"), found, sample("holding-above-remission"))
    found.refresh_from_db()
    days = [rating.day for rating in current_episode(record_of(found), catalog_of(site)).series]
    take_snapshot(system("test"), found, days[-1])
    return found


def rate(patient, day, answers=(0,) * 9):
    at = Moment.of(timezone.now().replace(year=day.year, month=day.month, day=day.day, hour=15))
    event = Assessment(id=f"later-{day}", at=at, instrument="phq9", answers=answers, recorded_at=Moment.of(timezone.now()))
    record_events(system("test"), patient, [event])


def noon(day):
    return timezone.now().replace(year=day.year, month=day.month, day=day.day, hour=20)


def closed_by(forecast, day):
    settle_forecasts(noon(day))
    forecast.refresh_from_db()
    return forecast


def test_a_chance_that_was_shown_is_entered_once(asked):
    [forecast] = Forecast.objects.all()
    assert forecast.instrument == "phq9"
    assert forecast.shown
    assert forecast.horizon > forecast.made_on
    assert forecast.population == label_of(catalog_of(asked.site), forecast.population.split("@")[0])
    take_snapshot(system("test"), asked, forecast.made_on + timedelta(days=1))
    assert Forecast.objects.count() == 1


def test_its_rating_scores_it(asked):
    [forecast] = Forecast.objects.all()
    rate(asked, forecast.horizon)
    assert closable(asked.site, forecast.horizon) == [asked]
    found = closed_by(forecast, forecast.horizon)
    assert (found.scored_on, found.came_true, found.scored_by) == (forecast.horizon, True, f"later-{forecast.horizon}")
    assert settle_forecasts(noon(forecast.horizon)) == 0
    assert Entry.objects.filter(action="forecasts.settled").count() == 1
    assert (counts_of(asked.site).scored, counts_of(asked.site).patients) == (1, 1)


def test_a_rating_that_never_came_is_counted_and_is_not_not_remitted(asked):
    [forecast] = Forecast.objects.all()
    assert closed_by(forecast, forecast.horizon + timedelta(days=35)).scored_on is None
    found = closed_by(forecast, forecast.horizon + timedelta(days=36))
    assert (found.came_true, found.scored_by) == (None, "never_came")
    counts = counts_of(asked.site)
    assert (counts.scored, counts.never_came, counts.open) == (0, 1, 0)
    assert evidence_of(asked.site).forecasts == 0


def test_an_incomplete_rating_scores_nothing(asked):
    [forecast] = Forecast.objects.all()
    rate(asked, forecast.horizon, (0, 0, 0, 0, 0, 0, 0, None, 0))
    assert closed_by(forecast, forecast.horizon).scored_on is None


def test_one_record_that_cannot_be_read_stops_none_of_the_others(asked, site, monkeypatch):
    [forecast] = Forecast.objects.all()
    rate(asked, forecast.horizon)
    other = admit(system("test"), site, "0301")
    Forecast.objects.create(
        patient=other,
        site=site,
        made_on=forecast.made_on,
        horizon=forecast.made_on,
        instrument="phq9",
        definition="acnp_2006",
        population="x",
        status="undecided",
        probability=0.3,
    )
    from euthymia_clinic.chart import ledger

    whole = ledger.record_of

    def broken(patient):
        if patient.pk == other.pk:
            raise ValueError("broken")
        return whole(patient)

    monkeypatch.setattr(ledger, "record_of", broken)
    assert closed_by(forecast, forecast.horizon + timedelta(days=100)).came_true is not None


def badly_off(site, label, how_many=30):
    """A site whose chances of 90 % never come true."""
    day = site.today() - timedelta(days=100)
    for number in range(how_many):
        patient = admit(system("test"), site, f"off-{number}")
        Forecast.objects.create(
            patient=patient,
            site=site,
            made_on=day,
            horizon=day + timedelta(days=28),
            instrument="phq9",
            definition="acnp_2006",
            population=label,
            status="undecided",
            probability=0.9,
            scored_on=day + timedelta(days=28),
            scored_by="x",
            came_true=False,
        )


def test_where_the_data_exclude_it_the_number_is_withdrawn_and_the_words_remain(asked, site, owner, signed_in):
    [forecast] = Forecast.objects.all()
    badly_off(site, forecast.population)
    made = withdraw_number(system("ledger"), site, site.today())
    assert made.patients == 30
    assert number_is_withdrawn(site) == made
    assert withdraw_number(system("ledger"), site, site.today()) is None
    assert Entry.objects.filter(action="number.withdrawn").count() == 1
    day = forecast.made_on

    found = review(record_of(asked), catalog_of(site), day)
    shown = as_shown(site, found)
    assert found.verdict.probability is not None
    assert shown.verdict.probability is None
    assert shown.verdict.status == found.verdict.status
    take_snapshot(system("test"), asked, site.today())
    assert PanelRow.objects.get(patient=asked).probability is None
    page = signed_in(owner).get("/outcomes/").content.decode()
    assert "The number is withdrawn" in page
    chart = signed_in(owner).get(f"/patients/{asked.pk}/").content.decode()
    assert "Chance of a PHQ-9" not in chart


def test_a_withdrawn_number_goes_on_being_scored(asked, site):
    [forecast] = Forecast.objects.all()
    badly_off(site, forecast.population)
    withdraw_number(system("ledger"), site, site.today())
    Forecast.objects.filter(pk=forecast.pk).delete()

    again = remember(asked, latest(asked), review(record_of(asked), catalog_of(site), forecast.made_on))
    assert not again.shown
    rate(asked, again.horizon)
    assert closed_by(again, again.horizon).came_true is True


def test_the_job_withdraws_it_when_a_rating_has_arrived(asked, site):
    [forecast] = Forecast.objects.all()
    badly_off(site, forecast.population)
    rate(asked, forecast.horizon)
    settle_forecasts(noon(forecast.horizon))
    assert number_is_withdrawn(site) is not None


def test_a_right_site_keeps_its_number(asked, site, owner, signed_in):
    label = Forecast.objects.get().population
    badly_off(site, label, 2)
    assert withdraw_number(system("ledger"), site, site.today()) is None
    page = signed_in(owner).get("/outcomes/").content.decode()
    assert "The number is shown" in page
    assert "Few patients" in page


def test_another_fit_of_the_population_starts_a_ledger_of_its_own(asked, site, lead):
    label = Forecast.objects.get().population
    badly_off(site, label)
    withdraw_number(system("ledger"), site, site.today())
    here = here_of(lead)
    for path, text in shipped_files().items():
        if path.startswith("trajectory/"):
            bring_file(here.actor, here, path, text.replace("variance_factor = ", "variance_factor = 1"), "a wider one")
    adopt(here.actor, here, draft_of(site).catalog().digest)
    assert number_is_withdrawn(site) is None
    assert evidence_of(site).forecasts == 0


def test_who_reads_the_outcomes(asked, lead, owner, colleague, administrator, auditor, stranger, signed_in, client):
    for user in (lead, owner, colleague, stranger):
        assert signed_in(user).get("/outcomes/").status_code == 200
    for user in (administrator, auditor):
        assert signed_in(user).get("/outcomes/").status_code == 403
    assert client.get("/outcomes/").status_code == 302


def test_kaplan_meier_is_that_of_statsmodels():
    import numpy as np
    from statsmodels.duration.survfunc import SurvfuncRight

    from euthymia_clinic.pages.presenters.outcomes import kaplan_meier

    random = np.random.default_rng(4)
    days, came = random.integers(1, 60, 80), random.random(80) < 0.6
    ours = kaplan_meier([(int(d), bool(c)) for d, c in zip(days, came, strict=True)])[1:]
    theirs = SurvfuncRight(days, came.astype(int))
    assert [p.day for p in ours] == list(theirs.surv_times)
    assert [p.share for p in ours] == pytest.approx(list(1 - theirs.surv_prob))
