"""People, roles, who is paged, care teams and charts opened with a reason: who may, who may not, and what is written down."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import PASSWORD, here_of, person
from euthymia_clinic.accounts import actions
from euthymia_clinic.accounts.actions import Watch
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Membership, OnCall, Role, User
from euthymia_clinic.accounts.permissions import Forbidden, PeopleError
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.chart.actions import CareTeamError, break_glass, join_care_team, leave_care_team
from euthymia_clinic.chart.models import BreakGlass, CareTeamMember
from euthymia_clinic.chart.permissions import may_see

INVITED = {"email": "New.Person@first.example", "name": "New Person", "role": "nurse"}


def told(action):
    return Entry.objects.filter(action=action)


@pytest.fixture
def nurse(site) -> User:
    return person(site, Role.NURSE, "Nurse")


@pytest.fixture
def admin(administrator, signed_in) -> Client:
    return signed_in(administrator)


ONLY_ADMINISTRATORS = ["people", "person_invite", "person_role", "person_end", "person_second_factor", "person_link"]


@pytest.mark.parametrize("name", ONLY_ADMINISTRATORS)
def test_people_are_the_administrators(name, owner, colleague, lead, auditor, stranger, administrator, signed_in) -> None:
    address = reverse(name, args=[owner.pk] if name not in ("people", "person_invite") else [])
    for user in (owner, lead, auditor, stranger):
        assert signed_in(user).post(address).status_code == 403
        assert signed_in(user).get(address).status_code == 403
    assert Client().get(address).url.startswith("/accounts/login/")
    assert signed_in(administrator).get(address).status_code in (200, 405)


def test_the_administrator_sees_no_patient(admin, patient) -> None:
    page = admin.get("/people/").content.decode()
    assert patient.code not in page
    for address in (reverse("care_team", args=[patient.pk]), reverse("break_glass", args=[patient.pk])):
        refused = admin.get(address)
        assert refused.status_code == 403
        assert patient.code not in refused.content.decode()


def test_the_people_of_another_site_are_not_there(admin, stranger) -> None:
    assert stranger.email not in admin.get("/people/").content.decode()
    for name in ("person_role", "person_end", "person_second_factor", "person_link"):
        assert admin.post(reverse(name, args=[stranger.pk]), {"role": "nurse", "reason": "x"}).status_code == 404


def test_whoever_is_invited_sets_a_password_and_comes_in(admin, site) -> None:
    page = admin.post("/people/invite/", INVITED)
    assert page.status_code == 200
    user = User.objects.get(email="new.person@first.example")
    assert not user.has_usable_password()
    [sent] = mail.outbox
    link = next(word for word in sent.body.split() if word.startswith("http://localhost:8000/"))
    assert link not in page.content.decode()
    client = Client()
    form = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).url == "/"
    assert client.get("/account/").status_code == 200
    assert told("person.invited").get().details == {"role": "nurse", "site": site.pk}


def test_with_mail_down_the_link_of_somebody_new_is_handed_over(admin, owner, monkeypatch) -> None:
    def down(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", down)
    assert "/accounts/password/reset/key/" in admin.post("/people/invite/", INVITED).content.decode()
    # Of somebody who has been here it is not: an administrator does not get into their account.
    page = admin.post(reverse("person_link", args=[owner.pk])).content.decode()
    assert "/accounts/password/reset/key/" not in page
    assert told("link.given").order_by("seq").last().details["by_mail"] is False


def test_the_link_of_somebody_who_was_invited_elsewhere_first_is_not_shown(admin, other_site, monkeypatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", lambda self, messages: 1 / 0)
    elsewhere = User.objects.create_user("new.person@first.example", name="Elsewhere")
    Membership.objects.create(user=elsewhere, site=other_site, role=Role.PRESCRIBER)
    assert "/accounts/password/reset/key/" not in admin.post("/people/invite/", INVITED).content.decode()


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"name": " "}, {"name": "x" * 121}, {"role": "king"}, {"role": ""}])
def test_an_invitation_that_cannot_be_says_why(admin, wrong) -> None:
    page = admin.post("/people/invite/", INVITED | wrong)
    assert page.status_code == 400
    assert "allowed:" in page.content.decode()
    assert not User.objects.filter(email="new.person@first.example").exists()


def test_nobody_is_invited_twice(admin, owner) -> None:
    assert admin.post("/people/invite/", INVITED | {"email": owner.email}).status_code == 400


def test_a_change_of_role_keeps_the_old_one_as_ended(admin, owner, patient, site) -> None:
    assert admin.post(reverse("person_role", args=[owner.pk]), {"role": "administrator"}).status_code == 302
    assert [(each.role, each.ended is None) for each in owner.memberships.order_by("pk")] == [
        ("prescriber", False),
        ("administrator", True),
    ]
    assert not CareTeamMember.objects.filter(user=owner, ended=None).exists()
    assert not OnCall.objects.filter(user=owner).exists()
    assert not may_see(here_of(owner), patient)
    assert told("role.changed").get().details == {"before": "prescriber", "role": "administrator", "site": site.pk}


def test_whoever_works_here_no_more_sees_nothing(admin, owner, patient, signed_in) -> None:
    client = signed_in(owner)
    assert "works here no more?" in admin.get(reverse("person_end", args=[owner.pk])).content.decode()
    assert admin.post(reverse("person_end", args=[owner.pk])).status_code == 302
    assert client.get("/account/").status_code == 403
    assert client.get(reverse("care_team", args=[patient.pk])).status_code == 404
    assert told("care_team.left_all").get().details["patients"] == 1


def test_nobody_changes_their_own_place(admin, administrator) -> None:
    for name in ("person_role", "person_end", "person_link"):
        assert admin.post(reverse(name, args=[administrator.pk]), {"role": "prescriber"}).status_code == 400
    assert Membership.objects.filter(user=administrator, ended=None, role=Role.ADMINISTRATOR).exists()


def test_a_lost_second_step_is_taken_away_with_a_reason(admin, owner, other_site, colleague) -> None:
    for user in (owner, colleague):
        TOTP.activate(user, generate_totp_secret())
    address = reverse("person_second_factor", args=[owner.pk])
    assert admin.get(address).status_code == 200
    assert admin.post(address, {"reason": "  "}).status_code == 400
    assert owner.authenticator_set.count() == 1
    assert admin.post(address, {"reason": "Lost the phone; called back"}).status_code == 302
    assert owner.authenticator_set.count() == 0
    assert told("second_factor.reset").get().details["factors"] == 1
    Membership.objects.create(user=colleague, site=other_site, role=Role.NURSE)
    assert admin.post(reverse("person_second_factor", args=[colleague.pk]), {"reason": "Lost"}).status_code == 400
    assert colleague.authenticator_set.count() == 1


def test_actions_enforce_what_views_ask(owner, colleague, administrator, stranger, other_site) -> None:
    actor, here = here_of(owner).actor, here_of(owner)
    for refused in (
        lambda: actions.invite(actor, here, "x@y.example", "X", Role.NURSE),
        lambda: actions.change_role(actor, here, colleague, Role.NURSE),
        lambda: actions.end_membership(actor, here, colleague),
        lambda: actions.reset_second_factor(actor, here, colleague, "because"),
        lambda: actions.arrange_on_call(actor, here, []),
        lambda: actions.gave_link(actor, here, colleague, by_mail=True),
    ):
        with pytest.raises(Forbidden):
            refused()
    with pytest.raises(PeopleError, match="nobody with a role here"):
        actions.change_role(here_of(administrator).actor, here_of(administrator), stranger, Role.NURSE)


def test_who_is_paged_is_arranged_in_order(lead, owner, nurse, colleague, signed_in, site) -> None:
    client = signed_in(lead)
    assert client.get("/people/on-call/").status_code == 200
    said = {"user": [nurse.pk, "", owner.pk], "minutes": ["5", "10", "20"]}
    assert client.post("/people/on-call/", said).status_code == 302
    assert list(OnCall.objects.filter(site=site).values_list("place", "user", "minutes_to_answer")) == [(1, nurse.pk, 5), (2, owner.pk, 20)]
    before = told("on_call.arranged").count()
    client.post("/people/on-call/", said)
    assert told("on_call.arranged").count() == before


@pytest.mark.parametrize(
    "said", [([0, 0], ["5", "5"]), ([0], ["0"]), ([0], ["241"]), ([0], ["soon"]), ([0, 0], ["5"]), (["9999999"], ["5"]), (["x"], ["5"])]
)
def test_a_chain_that_cannot_be_says_why(said, lead, owner, signed_in, site) -> None:
    users, minutes = said
    page = signed_in(lead).post("/people/on-call/", {"user": [owner.pk if user == 0 else user for user in users], "minutes": minutes})
    assert page.status_code == 400
    assert "allowed:" in page.content.decode()
    assert OnCall.objects.filter(site=site).count() == 1


def test_nobody_of_elsewhere_or_without_care_is_paged(lead, stranger, auditor, owner) -> None:
    here = here_of(lead)
    for user in (stranger, auditor):
        with pytest.raises(PeopleError, match="clinical role"):
            actions.arrange_on_call(here.actor, here, [Watch(user, 10)])


def test_those_behind_move_up_when_somebody_leaves(admin, owner, nurse, colleague, site) -> None:
    OnCall.objects.filter(site=site).delete()
    for place, user in enumerate((nurse, owner, colleague), 1):
        OnCall.objects.create(site=site, place=place, user=user)
    admin.post(reverse("person_end", args=[nurse.pk]))
    assert list(OnCall.objects.filter(site=site).values_list("place", "user")) == [(1, owner.pk), (2, colleague.pk)]


def test_one_changes_ones_own_name(owner, signed_in) -> None:
    client = signed_in(owner)
    assert client.post("/account/", {"name": " "}).status_code == 400
    assert client.post("/account/", {"name": "Dr Owner"}).status_code == 302
    owner.refresh_from_db()
    assert owner.name == "Dr Owner"
    assert "Dr Owner" in client.get("/account/").content.decode()


def test_whoever_works_at_two_sites_chooses(owner, site, other_site, signed_in) -> None:
    Membership.objects.create(user=owner, site=other_site, role=Role.NURSE)
    client = signed_in(owner)
    assert client.get("/account/").wsgi_request.here == Here(owner, site, Role.PRESCRIBER)
    assert client.post("/account/site/", {"site": other_site.pk}).status_code == 302
    assert client.get("/account/").wsgi_request.here == Here(owner, other_site, Role.NURSE)
    assert client.post("/account/site/", {"site": "777"}).status_code == 400
    assert client.post("/account/site/", {"site": "x"}).status_code == 400


def test_the_care_team_is_seen_and_changed_by_who_may(owner, colleague, lead, nurse, stranger, auditor, patient, signed_in) -> None:
    address, join = reverse("care_team", args=[patient.pk]), reverse("care_team_join", args=[patient.pk])
    assert "Owner" in signed_in(owner).get(address).content.decode()
    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(auditor).get(address).status_code == 403
    assert signed_in(colleague).get(address).status_code == 403
    assert signed_in(colleague).post(join, {"user": colleague.pk}).status_code == 403
    assert Client().get(address).status_code == 302
    assert signed_in(owner).post(join, {"user": nurse.pk}).status_code == 302
    # In the team, but not somebody who says who is.
    assert signed_in(nurse).get(address).status_code == 200
    assert signed_in(nurse).post(join, {"user": colleague.pk}).status_code == 403
    assert signed_in(lead).post(reverse("care_team_leave", args=[patient.pk, nurse.pk])).status_code == 302
    assert list(CareTeamMember.objects.filter(patient=patient, ended=None).values_list("user", flat=True)) == [owner.pk]
    assert [entry.details["user"] for entry in told("care_team.joined").order_by("seq")] == [nurse.pk]


def test_a_care_team_that_cannot_be_says_why(owner, auditor, stranger, patient, signed_in) -> None:
    client, join = signed_in(owner), reverse("care_team_join", args=[patient.pk])
    for user in (auditor.pk, stranger.pk, "x", "", 10**30):
        assert client.post(join, {"user": user}).status_code == 400
    assert client.post(reverse("care_team_leave", args=[patient.pk, owner.pk])).status_code == 400
    assert client.post(reverse("care_team_leave", args=[patient.pk, auditor.pk])).status_code == 404
    here = here_of(owner)
    with pytest.raises(CareTeamError, match="last person"):
        leave_care_team(here.actor, here, patient, owner)


def test_the_broken_glass_shows_but_does_not_change_the_team(colleague, patient, signed_in) -> None:
    here = here_of(colleague)
    break_glass(here.actor, here, patient, "Emergency")
    assert may_see(here, patient)
    with pytest.raises(Forbidden):
        join_care_team(here.actor, here, patient, colleague)


def test_a_colleague_opens_the_chart_with_a_reason_and_it_is_said(colleague, owner, auditor, patient, signed_in) -> None:
    client, address = signed_in(colleague), reverse("break_glass", args=[patient.pk])
    team = reverse("care_team", args=[patient.pk])
    offered = client.get(team)
    assert offered.status_code == 403
    assert "Why you open it" in offered.content.decode()
    assert patient.name not in offered.content.decode()
    assert not Read.objects.filter(actor=f"person:{colleague.pk}").exists()
    for wrong in (" ", "x" * 501):
        assert client.post(address, {"reason": wrong}).status_code == 400
    assert client.post(address, {"reason": "She called, her own prescriber is away"}).status_code == 302
    page = client.get(team).content.decode()
    assert "You opened this chart with a reason" in page
    assert Read.objects.filter(actor=f"person:{colleague.pk}", break_glass=True).count() == 1
    assert "She called" in signed_in(owner).get(team).content.decode()
    assert "You opened this chart with a reason" not in signed_in(owner).get(team).content.decode()
    assert "She called" in signed_in(auditor).get("/people/openings/").content.decode()
    assert told("glass.broken").get().actor == f"person:{colleague.pk}"
    assert "She called" not in str(told("glass.broken").get().details)


def test_after_four_hours_it_is_closed_again(colleague, patient, signed_in) -> None:
    now = timezone.now()
    BreakGlass(
        patient=patient, user=colleague, reason="Earlier", at=now - timezone.timedelta(hours=5), until=now - timezone.timedelta(hours=1)
    ).save()
    assert not may_see(here_of(colleague), patient)
    assert signed_in(colleague).get(reverse("care_team", args=[patient.pk])).status_code == 403


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.PRESCRIBER, True),
        (Role.NURSE, True),
        (Role.MEDICAL_LEAD, True),
        (Role.THERAPIST, False),
        (Role.ADMINISTRATOR, False),
        (Role.AUDITOR, False),
        (Role.INTEGRATION, False),
    ],
)
def test_who_may_break_the_glass(role, allowed, site, patient, signed_in) -> None:
    client = signed_in(person(site, role, "Somebody"))
    assert client.get(reverse("break_glass", args=[patient.pk])).status_code == (200 if allowed else 403)
    assert client.post(reverse("break_glass", args=[patient.pk]), {"reason": "x"}).status_code == (302 if allowed else 403)


def test_strangers_and_nobody_find_no_such_patient(stranger, patient, signed_in) -> None:
    assert signed_in(stranger).post(reverse("break_glass", args=[patient.pk]), {"reason": "x"}).status_code == 404
    assert Client().post(reverse("break_glass", args=[patient.pk]), {"reason": "x"}).status_code == 302
    assert not BreakGlass.objects.exists()


def test_the_openings_are_for_the_auditor_and_the_lead(owner, administrator, stranger, auditor, lead, signed_in) -> None:
    assert [signed_in(user).get("/people/openings/").status_code for user in (owner, administrator, stranger, auditor, lead)] == [
        403,
        403,
        403,
        200,
        200,
    ]
