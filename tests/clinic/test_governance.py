"""The knowledge of a site: values with a reason, the effect first, adoption, replay; its settings; its exports."""

import csv
import io
import json
import threading
import zipfile

import pytest
from django.db import connection, connections
from django.utils import timezone

from clinic.conftest import here_of
from euthymia.interop.native_json import from_json
from euthymia.knowledge_file import CatalogError
from euthymia.loading import load_catalog
from euthymia.reviewing import review
from euthymia_clinic.accounts.permissions import Forbidden
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.catalogs import in_force
from euthymia_clinic.catalogs.actions import StaleDraftError, adopt, bring_file, set_value, take_away_file, take_back
from euthymia_clinic.catalogs.drafts import draft_of
from euthymia_clinic.catalogs.editing import ValueProblemError, edited, leaves
from euthymia_clinic.catalogs.in_force import NotReplayableError, adoption_of, catalog_by_digest, catalog_of, shipped_files
from euthymia_clinic.catalogs.models import Adoption, CatalogVersion, SiteValue
from euthymia_clinic.chart.models import ReviewSnapshot
from euthymia_clinic.chart.snapshots import latest, refresh, review_in, take_snapshot
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.governance.effect import effect, patients_for
from euthymia_clinic.pages.presenters.knowledge import differences, files_in_force, search, section_counts

STALE = "verdict/rules.toml:stale_days.value"
BETTER = "verdict/rules.toml:better_fraction.value"


def adopted(lead, note="") -> Adoption:
    here = here_of(lead)
    return adopt(here.actor, here, draft_of(here.site).catalog().digest, note)


def change(lead, place, text, reason="our own audit of 2026", reference=""):
    here = here_of(lead)
    return set_value(here.actor, here, place, text, reason, reference)


# Values


def test_a_value_is_a_draft_until_it_is_adopted(site, lead):
    made = change(lead, STALE, "21")
    assert (made.shipped, made.value, made.reason) == (14, 21, "our own audit of 2026")
    assert catalog_of(site).verdict.stale_days.value == 14
    adoption = adopted(lead, "as discussed")
    catalog = catalog_of(site)
    assert catalog.verdict.stale_days.value == 21
    assert catalog.adopted_by == "Lead"
    assert catalog.digest == adoption.version_id
    assert catalog.verdict.stale_days.status == "design"
    assert catalog.verdict.stale_days.note == "our own audit of 2026 (this site's value; shipped: 14, design)"


def test_a_verified_value_that_is_changed_is_verified_no_more_unless_a_reference_says_so(site, lead):
    text = shipped_files()["outcomes/acnp_2006.toml"]
    cut = next(leaf for leaf in leaves("outcomes/acnp_2006.toml", text) if leaf.path.startswith("remission.phq9"))
    change(lead, cut.place, "5")
    found = draft_of(site).catalog().definitions["acnp_2006"].remission["phq9"]
    assert (found.at_most, found.status, found.ref) == (5, "design", None)
    change(lead, cut.place, "5", reference="kroenke_2001")
    found = draft_of(site).catalog().definitions["acnp_2006"].remission["phq9"]
    assert (found.status, found.ref) == ("verified", "kroenke_2001")


def test_comments_and_everything_else_of_a_file_stay():
    text = shipped_files()["verdict/rules.toml"]
    again = edited(text, "stale_days.value", 21, "why", "")
    differing = [pair for pair in zip(text.splitlines(), again.splitlines(), strict=True) if pair[0] != pair[1]]
    assert [after for _, after in differing] == ["value = 21", 'note = "why (this site\'s value; shipped: 14, design)"']


@pytest.mark.parametrize(
    ("place", "text", "reason", "reference"),
    [
        (STALE, "fourteen", "why", ""),
        (STALE, "", "why", ""),
        (STALE, "nan", "why", ""),
        (STALE, "1e400", "why", ""),
        (STALE, "21", "", ""),
        (STALE, "21", "  \n ", ""),
        (STALE, "21", "why\0", ""),
        (STALE, "21", "why", "no_such_reference"),
        (STALE, "21", "why", "x" * 500),
        ("verdict/rules.toml:stale_days.status", "verified", "why", ""),
        ("verdict/rules.toml:stale_days", "21", "why", ""),
        ("verdict/rules.toml:no_such.value", "21", "why", ""),
        ("verdict/rules.toml:", "21", "why", ""),
        ("verdict/rules.toml", "21", "why", ""),
        ("../settings.py:SECRET", "21", "why", ""),
        ("instruments/phq9.toml:id", "phq8", "why", ""),
        ("verdict/rules.toml:default_definition", "no_such_definition", "why", ""),
        ("verdict/ledger.toml:false_withdrawal.value", "2", "why", ""),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(site, lead, place, text, reason, reference):
    with pytest.raises((ValueProblemError, CatalogError), match="found"):
        change(lead, place, text, reason, reference)
    assert not SiteValue.objects.exists()


def test_the_same_value_twice_is_one_and_a_value_can_be_taken_back(site, lead):
    change(lead, STALE, "21")
    change(lead, STALE, "21")
    assert SiteValue.objects.count() == 1
    here = here_of(lead)
    take_back(here.actor, here, STALE, "no longer")
    take_back(here.actor, here, STALE, "no longer")
    assert SiteValue.objects.count() == 2
    assert draft_of(site).catalog().digest == load_catalog().digest


def test_only_the_medical_lead_changes_and_adopts(site, owner, administrator, stranger, lead):
    for user in (owner, administrator, stranger):
        here = here_of(user)
        with pytest.raises(Forbidden):
            set_value(here.actor, here, STALE, "21", "why")
        with pytest.raises(Forbidden):
            adopt(here.actor, here, load_catalog().digest)
        with pytest.raises(Forbidden):
            bring_file(here.actor, here, "help/here.toml", 'country = "us"', "why")
    assert not Adoption.objects.exists()


# Files


def test_licensed_wording_and_the_sites_country(site, lead):
    here = here_of(lead)
    item = load_catalog().instruments["madrs"].items[0].id
    bring_file(here.actor, here, "texts/madrs.toml", f'licence = "no. 12"\n[items]\n{item} = "The wording"', "licensed")
    bring_file(here.actor, here, "help/here.toml", 'country = "us"\n[contact]\nen = "555 0100"', "our country")
    adopted(lead)
    assert catalog_of(site).here.country == "us"
    assert catalog_of(site).instruments["madrs"].items[0].text == "The wording"
    take_away_file(here.actor, here, "help/here.toml", "moved")
    adopted(lead)
    assert catalog_of(site).here.country is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("help/here.toml", "country = "),
        ("help/here.toml", 'country = "us"\ncountry = "es"'),
        ("help/here.toml", 'county = "us"'),
        ("help/here.toml", ""),
        ("help/here.toml", "a" * 1_000_001),
        ("help/here.toml", "[" * 5000),
        ("../../evil.toml", 'country = "us"'),
        ("/etc/passwd.toml", "x = 1"),
        ("help/here.cases.toml", "x = 1"),
        ("help/here.txt", "x = 1"),
        ("elsewhere/here.toml", "x = 1"),
        ("texts/no_such.toml", 'licence = "x"\n[items]\na = "b"'),
        ("texts/phq9.toml", 'licence = "x"\n[items]\nno_such_item = "b"'),
    ],
)
def test_bad_files_are_refused_with_words(site, lead, path, text):
    here = here_of(lead)
    with pytest.raises((ValueProblemError, CatalogError), match="found"):
        bring_file(here.actor, here, path, text, "why")
    assert draft_of(site).files == ()


# Adoption


def test_adopting_the_same_version_twice_is_one_adoption(site, lead):
    first = adopted(lead)
    assert adopted(lead).pk == first.pk
    assert Adoption.objects.count() == 1
    assert Entry.objects.filter(action="catalog.adopted").count() == 1


def test_a_draft_that_changed_since_it_was_looked_at_is_not_adopted(site, lead):
    seen = draft_of(site).catalog().digest
    change(lead, STALE, "21")
    here = here_of(lead)
    with pytest.raises(StaleDraftError):
        adopt(here.actor, here, seen)


def test_adopted_at_one_site_is_not_adopted_at_another(site, other_site, lead):
    change(lead, STALE, "21")
    adopted(lead)
    assert adoption_of(other_site) is None
    assert catalog_of(other_site).verdict.stale_days.value == 14


@pytest.mark.django_db(transaction=True)
def test_two_adoptions_at_once_are_one(site, lead):
    change(lead, STALE, "21")
    here, digest, problems = here_of(lead), draft_of(site).catalog().digest, []

    def adopt_it():
        try:
            adopt(here.actor, here, digest)
        except Exception as error:
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=adopt_it) for _ in range(4)]
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        threads = threads[:0]
        adopt(here.actor, here, digest)
        adopt(here.actor, here, digest)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert Adoption.objects.count() == 1


def test_after_adoption_the_charts_are_stale_and_are_reviewed_with_it(site, lead, patient):
    from euthymia_clinic.chart.jobs import refresh_stale
    from euthymia_clinic.chart.snapshots import is_stale

    change(lead, BETTER, "0.9")
    adoption = adopted(lead)
    assert is_stale(latest(patient), patient)
    refresh_stale(timezone.now())
    snapshot = latest(patient)
    assert snapshot.catalog_digest == adoption.version_id
    assert not is_stale(snapshot, patient)


# Replay


def test_a_past_review_replays_with_its_own_catalog(site, lead, patient):
    change(lead, BETTER, "0.9")
    adopted(lead)
    old = take_snapshot(system("test"), patient, site.today())
    take_back(here_of(lead).actor, here_of(lead), BETTER, "back")
    adopted(lead)
    take_snapshot(system("test"), patient, site.today())
    again = review(record_of(patient), catalog_by_digest(old.catalog_digest), old.on)
    assert again.provenance.catalog_digest == old.catalog_digest
    assert again.verdict.status == review_in(old).verdict.status != review_in(latest(patient)).verdict.status


def test_the_shipped_knowledge_is_kept_when_a_review_first_uses_it(patient):
    version = CatalogVersion.objects.get(pk=latest(patient).catalog_digest)
    assert version.files == {}
    assert in_force.shipped_with(version) == shipped_files()


def test_an_engine_with_other_knowledge_changes_nothing_that_was_adopted_and_says_what_differs(site, lead, monkeypatch, signed_in):
    adoption = adopted(lead)
    newer = {**shipped_files(), "verdict/rules.toml": shipped_files()["verdict/rules.toml"].replace("value = 14", "value = 15", 1)}
    monkeypatch.setattr(in_force, "shipped_files", lambda: newer)
    monkeypatch.setattr("euthymia_clinic.pages.presenters.knowledge.shipped_files", lambda: newer)
    assert catalog_of(site).digest == adoption.version_id
    assert catalog_of(site).verdict.stale_days.value == 14
    page = signed_in(lead).get("/knowledge/").content.decode()
    assert "The engine ships other knowledge than this site adopted" in page
    assert "verdict/rules.toml:stale_days.value" in page


def test_what_cannot_be_replayed_is_said_and_never_replaced_silently(site, lead, signed_in):
    import zlib

    shipped = zlib.compress(b'{"verdict/rules.toml": "old"}')
    broken = CatalogVersion(digest="0" * 64, made_at=timezone.now(), engine="euthymia 0.0.1", shipped=shipped)
    broken.save()
    Adoption(site=site, version=broken, at=timezone.now(), by="person:1", by_name="Lead").save()
    with pytest.raises(NotReplayableError):
        catalog_by_digest("0" * 64)
    with pytest.raises(NotReplayableError):
        catalog_by_digest("f" * 64)
    assert catalog_of(site).adopted_by is None
    assert "cannot read that version any more" in signed_in(lead).get("/knowledge/").content.decode()


# Effect


def test_the_effect_is_what_a_brute_force_of_both_catalogs_says_and_stores_nothing(site, lead, patient):
    change(lead, BETTER, "0.9")
    stored, draft = ReviewSnapshot.objects.count(), draft_of(site).catalog()
    [found] = effect([patient], draft, site)
    before, after = (review(record_of(patient), catalog, site.today()) for catalog in (load_catalog(), draft))
    assert found.verdict == (before.answer.words, after.answer.words) == ("Holding above remission", "Undecided")
    assert (found.options is None) == ([o.name for o in before.options.offered] == [o.name for o in after.options.offered])
    assert ReviewSnapshot.objects.count() == stored
    assert catalog_of(site).adopted_by is None


def test_a_draft_that_changes_nothing_has_no_effect(site, patient):
    [found] = effect([patient], load_catalog(), site)
    assert not found.any


def test_the_sample_is_the_same_each_time_and_everyone_when_few(site, patient):
    assert patients_for(site, everyone=False) == patients_for(site, everyone=True) == [patient.pk]


def test_the_effect_page_computes_in_parts(site, lead, patient, signed_in, monkeypatch):
    from euthymia_clinic.chart.actions import admit

    for number in range(3):
        admit(system("test"), site, f"02{number}")
    monkeypatch.setattr("euthymia_clinic.pages.views.effect.SECONDS", -1.0)
    change(lead, BETTER, "0.9")
    client = signed_in(lead)
    answer = client.get("/knowledge/effect/")
    done = 1
    while 'hx-get="' in (page := answer.content.decode()):
        answer = client.get(page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&"))
        done += 1
    assert done == 4
    assert "1 patient&#39;s verdict would change" in page or "1 patient's verdict would change" in page
    assert "of 4" in page
    assert Read.objects.filter(page="effect").count() == 1


# Pages


ADDRESSES = ["/knowledge/", "/knowledge/?q=stale&section=verdict&status=design", "/knowledge/?q=x&from=-1", "/knowledge/?from=99999"]
LEADS = ["/knowledge/effect/", "/knowledge/effect/part/", f"/knowledge/value/?place={STALE}", "/knowledge/file/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_everyone_with_a_role_reads_the_knowledge(address, lead, owner, colleague, administrator, auditor, stranger, signed_in, client):
    for user in (lead, owner, colleague, administrator, auditor, stranger):
        assert signed_in(user).get(address).status_code == 200
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", LEADS)
def test_only_the_lead_opens_what_changes_it(address, lead, owner, colleague, administrator, auditor, stranger, signed_in, client):
    assert signed_in(lead).get(address).status_code == 200
    for user in (owner, colleague, administrator, auditor, stranger):
        assert signed_in(user).get(address).status_code == 403
    assert client.get(address).status_code == 302


def test_the_lead_changes_a_value_sees_the_effect_and_adopts(site, lead, patient, signed_in):
    client = signed_in(lead)
    assert "has not been adopted by this site" in client.get("/knowledge/").content.decode()
    assert client.post("/knowledge/value/", {"place": BETTER, "value": "0.9", "reason": "we ask for more"}).status_code == 302
    page = client.get("/knowledge/effect/").content.decode()
    assert "Holding above remission" in page
    assert "Undecided" in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    assert client.post("/knowledge/adopt/", {"digest": digest, "note": "meeting"}).status_code == 302
    page = client.get("/knowledge/").content.decode()
    assert "Adopted by Lead" in page
    assert "we ask for more" in page
    assert client.post("/knowledge/adopt/", {"digest": "0" * 64}).status_code == 409
    assert client.post("/knowledge/adopt/", {"digest": digest}).status_code == 302
    assert Adoption.objects.count() == 1


def test_bad_input_is_a_clear_page(lead, signed_in):
    client = signed_in(lead)
    assert client.get("/knowledge/value/?place=nowhere").status_code == 404
    assert client.post("/knowledge/value/", {"place": STALE, "value": "x", "reason": "y"}).status_code == 400
    assert client.post("/knowledge/value/", {}).status_code == 400
    page = client.post("/knowledge/file/", {"path": "help/here.toml", "text": "country =", "reason": "why"})
    assert page.status_code == 400
    assert "here.toml: found TOML that cannot be read" in page.content.decode()
    upload = io.BytesIO(b"\xff\xfe")
    upload.name = "here.toml"
    assert client.post("/knowledge/file/", {"path": "help/here.toml", "file": upload, "reason": "why"}).status_code == 400
    assert client.post("/knowledge/adopt/", {}).status_code == 409


def test_every_value_is_found_and_every_section_has_words(site):
    files, catalog = files_in_force(None), load_catalog()
    found = search(files, catalog, "", "", "stale days")
    assert [row.value for row in found.rows if row.place == STALE] == ["14"]
    assert sum(count for _, _, count in section_counts(files)) == search(files, catalog, "", "", "").total > 5_000
    assert differences(files, files) == []


# Settings


def test_settings_are_changed_with_a_reason_and_from_and_to_are_kept(site, administrator, signed_in):
    client = signed_in(administrator)
    given = {
        "name": "First clinic",
        "country": "es",
        "zone": "Europe/Madrid",
        "contact": "900",
        "watched_days": ["0", "4"],
        "watched_from": "09:00",
        "watched_to": "17:00",
        "shows_scores": "1",
        "reason": "moved",
    }
    assert client.post("/site/", given).status_code == 302
    site.refresh_from_db()
    assert (site.country, site.zone, site.watched_days, str(site.watched_from)) == ("es", "Europe/Madrid", [0, 4], "09:00:00")
    entry = Entry.objects.get(action="site.changed")
    assert entry.details["changed"]["country"] == ["us", "es"]
    assert entry.details["changed"]["watched_from"] == [None, "09:00"]
    assert entry.details["reason"] == "moved"
    assert client.post("/site/", given).status_code == 302
    assert Entry.objects.filter(action="site.changed").count() == 1
    assert "moved" in client.get("/site/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Base"},
        {"zone": "../etc"},
        {"zone": ""},
        {"name": ""},
        {"country": "zz"},
        {"reason": ""},
        {"watched_days": ["9"]},
        {"watched_from": "9 o'clock"},
        {"watched_from": "18:00"},
        {"watched_to": ""},
        {"contact": "x" * 300},
        {"zone": "x" * 3000},
    ],
)
def test_settings_that_cannot_be_change_nothing(wrong, site, administrator, signed_in):
    given = {
        "name": "Other",
        "country": "es",
        "zone": "UTC",
        "contact": "",
        "watched_from": "09:00",
        "watched_to": "17:00",
        "reason": "why",
    }
    answer = signed_in(administrator).post("/site/", {**given, **wrong})
    assert answer.status_code == 400
    assert "allowed" in answer.content.decode()
    site.refresh_from_db()
    assert site.name == "First clinic"


def test_who_sets(lead, owner, colleague, auditor, stranger, signed_in, client):
    assert signed_in(lead).get("/site/").status_code == 200
    for user in (owner, colleague, auditor, stranger):
        assert signed_in(user).get("/site/").status_code == 403
        assert signed_in(user).post("/site/", {}).status_code == 403
    assert client.get("/site/").status_code == 302


# Export


def unpacked(answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_an_export_reads_back_as_the_same_record(patient, owner, signed_in):
    from euthymia.interop.csv import from_csv
    from euthymia.interop.fhir_r4 import from_fhir

    answer = signed_in(owner).post(f"/patients/{patient.pk}/export/")
    archive = unpacked(answer)
    record = record_of(patient)
    assert from_json(archive.read("record.json").decode())[0].record == record
    assert len(from_csv(archive.read("record.csv").decode(), load_catalog())[0].record.events) == len(record.events)
    bundle = json.loads(archive.read("record.fhir.json"))
    assert len(from_fhir(bundle, load_catalog())[0].record.events) == len(record.events)
    letters = {f"letters/{kind}.pdf" for kind in ("authorisation", "renewal", "referring")}
    assert {name for name in archive.namelist() if name.startswith("letters/")} == letters
    assert archive.read("letters/authorisation.pdf").startswith(b"%PDF")
    [stored] = [json.loads(archive.read(name)) for name in archive.namelist() if name.startswith("snapshots/")][-1:]
    assert stored["digest"] == latest(patient).digest
    audit = list(csv.DictReader(io.StringIO(archive.read("audit.csv").decode())))
    assert {row["action_or_page"] for row in audit} >= {"patient.admitted", "record.added"}
    entry = Entry.objects.get(action="patient.exported")
    assert entry.subject == patient.subject
    assert entry.details["files"] == len(archive.namelist())
    assert patient.code not in answer.headers["Content-Disposition"]


def test_who_exports_a_patient(patient, owner, lead, colleague, administrator, auditor, stranger, signed_in, client):
    address = f"/patients/{patient.pk}/export/"
    assert signed_in(owner).get(address).status_code == 200
    assert signed_in(lead).get(address).status_code == 200
    for user in (colleague, administrator, auditor):
        assert signed_in(user).post(address).status_code == 403
    assert signed_in(stranger).post(address).status_code == 404
    assert client.post(address).status_code == 302
    assert not Entry.objects.filter(action="patient.exported").exists()


def test_the_whole_site_for_its_lead_alone(patient, lead, owner, administrator, auditor, stranger, signed_in):
    for user in (owner, administrator, auditor, stranger):
        assert signed_in(user).post("/site/export/").status_code == 403
    archive = unpacked(signed_in(lead).post("/site/export/"))
    assert archive.testzip() is None
    assert from_json(archive.read(f"{patient.pk}/record.json").decode())[0].record == record_of(patient)
    assert Entry.objects.get(action="site.exported").details == {"patients": 1}


def test_an_empty_record_exports_too(site, lead, signed_in):
    from euthymia_clinic.chart.actions import admit

    empty = admit(system("test"), site, "=cmd()")
    refresh(empty)
    archive = unpacked(signed_in(lead).post(f"/patients/{empty.pk}/export/"))
    assert from_json(archive.read("record.json").decode())[0].record == record_of(empty)
