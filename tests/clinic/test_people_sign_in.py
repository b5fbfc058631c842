"""Signing in: one answer for everybody, limits, a second step where it is required, a lock on an idle screen, and the audit of it all."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.conftest import PASSWORD
from euthymia_clinic.accounts.adapter import mail_has_gone
from euthymia_clinic.accounts.keyed import hash_of
from euthymia_clinic.audit.models import Entry

LOGIN = "/accounts/login/"


def told(action):
    return Entry.objects.filter(action=action)


def enter(email, password=PASSWORD, client=None, **extra):
    return (client or Client()).post(LOGIN, {"login": email, "password": password}, **extra)


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def with_totp(user):
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def asleep(client, minutes=16):
    """As if nobody had sent a request for a while."""
    session = client.session
    session["seen"] = timezone.now().timestamp() - minutes * 60
    session.save()


def test_signing_in_and_out_leads_to_the_panel_and_stands_in_the_audit(owner) -> None:
    client = Client()
    assert enter(owner.email, client=client).url == "/"
    assert told("person.signed_in").get().actor == f"person:{owner.pk}"
    assert client.post("/accounts/logout/").url == LOGIN
    assert told("person.signed_out").get().subject == owner.subject
    assert client.get("/account/").status_code == 302


def test_a_wrong_password_and_nobody_at_all_read_the_same(owner) -> None:
    client = Client()
    pages = [enter(email, "not it at all", client) for email in (owner.email, "nobody@first.example")]
    texts = [re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", page.content.decode()) for page in pages]
    assert texts[0] == texts[1]
    assert "are not correct" in texts[0]
    refused = told("sign_in.refused").order_by("seq")
    assert [entry.details["address"] for entry in refused] == [hash_of(owner.email), hash_of("nobody@first.example")]
    assert owner.email not in str(list(Entry.objects.values_list("details", "subject", "actor")))


def test_after_five_wrong_passwords_the_right_one_waits_too(owner, colleague) -> None:
    for _ in range(5):
        assert enter(owner.email, "not it at all").status_code == 200
    locked = enter(owner.email)
    assert b"Too many failed" in locked.content
    assert enter(colleague.email).status_code == 302


def test_too_many_requests_are_a_plain_page(db, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    pages = [Client().post(LOGIN, {}) for _ in range(3)]
    assert [page.status_code for page in pages] == [200, 200, 429]
    assert pages[2].headers["Retry-After"] == "60"
    assert b"Too many tries" in pages[2].content


@pytest.mark.parametrize("address", ["signup/", "email/", "confirm-email/", "confirm-email/abc/", "login/code/confirm/", "login/code/"])
def test_what_the_clinic_does_not_use_is_closed(address, owner, signed_in) -> None:
    for client in (Client(), signed_in(owner)):
        assert client.get(f"/accounts/{address}").status_code == 404
        assert client.post(f"/accounts/{address}", {"email": "a@b.example"}).status_code == 404


def test_a_new_password_by_mail_reads_the_same_for_everybody_and_works_once(owner) -> None:
    pages = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True).content for email in (owner.email, "nobody@first.example")
    ]
    mail_has_gone()
    assert re.sub(rb'"X-CSRFToken": "[^"]*"', b"", pages[0]) == re.sub(rb'"X-CSRFToken": "[^"]*"', b"", pages[1])
    [sent] = mail.outbox
    link = re.search(r"http://localhost:8000(\S+)", sent.body)[1]
    client = Client()
    form = client.get(link, follow=True)
    new = {"password1": "quite another pass phrase", "password2": "quite another pass phrase"}
    assert client.post(form.redirect_chain[-1][0], new, follow=True).status_code == 200
    assert told("password.changed").count() == 1
    assert enter(owner.email, new["password1"]).status_code == 302
    assert b"does not work any more" in Client().get(link, follow=True).content
    mail_has_gone()


def test_a_mail_server_that_is_down_changes_no_answer(owner, monkeypatch, caplog) -> None:
    def down(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", down)
    page = Client().post("/accounts/password/reset/", {"email": owner.email}, follow=True)
    mail_has_gone()
    assert page.status_code == 200
    assert "ConnectionRefusedError" in caplog.text
    assert owner.email not in caplog.text


def test_the_second_step_asks_for_a_code_and_takes_a_recovery_code_once(owner) -> None:
    secret = with_totp(owner)
    client = Client()
    assert enter(owner.email, client=client).url == "/accounts/2fa/authenticate/"
    assert client.get("/account/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert told("second_factor.refused").get().subject == owner.subject
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/account/").status_code == 200
    code = Authenticator.objects.get(user=owner, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (302, 200):
        again = Client()
        enter(owner.email, client=again)
        assert again.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_seeds_and_codes_stand_encrypted(owner) -> None:
    secret = with_totp(owner)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    assert Authenticator.objects.get(user=owner, type="totp").wrap().validate_code(code_of(secret))


def test_another_secret_key_keeps_the_second_step_as_long_as_the_old_one_is_known(owner, settings) -> None:
    secret = with_totp(owner)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of this clinic, made when the key was changed, long enough"
    assert Authenticator.objects.get(user=owner, type="totp").wrap().validate_code(code_of(secret))


def test_without_a_second_step_only_its_set_up_is_open_where_it_is_required(owner, settings, django_capture_on_commit_callbacks) -> None:
    settings.MFA_REQUIRED = True
    client = Client()
    enter(owner.email, client=client)
    assert client.get("/account/").url == "/accounts/2fa/"
    assert client.post("/account/", {"name": "Another"}).url == "/accounts/2fa/"
    assert client.get("/account/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/accounts/2fa/"
    assert b"Before you start" in client.get("/accounts/2fa/").content
    form = client.get("/accounts/2fa/totp/activate/")
    secret = re.search(rb'<code class="key">(\w+)</code>', form.content)[1].decode()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert done.url == "/accounts/2fa/recovery-codes/"
    assert told("second_factor.added").filter(subject=owner.subject, details__kind="totp").count() == 1
    # Here the commit comes after the answer, so the session has not seen it (tests/browser/test_sign_in.py goes the whole way).
    code = Authenticator.objects.get(user=owner, type="recovery_codes").wrap().get_unused_codes()[0]
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code}).status_code == 302
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert client.get("/account/").status_code == 200
    mail_has_gone()


def test_a_session_from_before_the_second_step_shows_it_or_ends(owner, settings) -> None:
    client = Client()
    enter(owner.email, client=client)
    secret = with_totp(owner)
    settings.MFA_REQUIRED = True
    assert client.get("/account/").url.startswith("/accounts/2fa/reauthenticate/")
    assert client.get("/accounts/2fa/totp/deactivate/").url.startswith("/accounts/2fa/reauthenticate/")
    assert client.get("/accounts/2fa/reauthenticate/").status_code == 200
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_where_it_is_not_required_nobody_is_asked(owner, signed_in) -> None:
    assert signed_in(owner).get("/account/").status_code == 200


def test_taking_the_second_step_away_and_new_codes_stand_in_the_audit(owner, django_capture_on_commit_callbacks) -> None:
    secret = with_totp(owner)
    client = Client()
    enter(owner.email, client=client)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    for address in (
        "/accounts/2fa/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/totp/deactivate/",
    ):
        assert client.get(address).status_code == 200, address
    assert client.get("/accounts/2fa/recovery-codes/download/").headers["Content-Type"].startswith("text/plain")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
    assert told("second_factor.renewed").count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/deactivate/")
    assert told("second_factor.removed").filter(details__kind="totp").count() == 1
    mail_has_gone()


def test_an_idle_screen_is_locked_and_leads_back(owner, signed_in) -> None:
    client = signed_in(owner)
    assert client.get("/account/").status_code == 200
    asleep(client, minutes=14)
    assert client.get("/account/").status_code == 200
    asleep(client)
    assert client.get("/account/").url == "/accounts/reauthenticate/?next=/locked/back/"
    page = client.get("/accounts/reauthenticate/?next=/locked/back/").content.decode()
    assert "Locked" in page
    assert owner.email in page
    wrong = client.post("/accounts/reauthenticate/", {"password": "not it", "next": "/locked/back/"})
    assert wrong.status_code == 200
    assert client.get("/account/").status_code == 302
    right = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/locked/back/"})
    assert right.url == "/locked/back/"
    assert client.get(right.url).url == "/account/"
    assert client.get("/account/").status_code == 200


def test_a_form_sent_to_a_locked_screen_is_held_and_not_carried_out(owner, signed_in) -> None:
    client = signed_in(owner)
    client.get("/account/")
    asleep(client)
    said = client.post("/account/", {"name": "New “name”"})
    assert said.status_code == 423
    assert "What you sent was not carried out" in said.content.decode()
    owner.refresh_from_db()
    assert owner.name == "Owner"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/locked/back/"})
    offered = client.get("/locked/back/").content.decode()
    assert 'action="/account/"' in offered
    assert "New “name”" in offered
    assert client.post("/account/", {"name": "New “name”"}).status_code == 302
    owner.refresh_from_db()
    assert owner.name == "New “name”"
    assert "held" not in client.session


def test_what_a_page_asks_by_itself_takes_the_place_of_nothing(owner, signed_in) -> None:
    client, by_itself = signed_in(owner), {"Sec-Fetch-Mode": "cors"}
    client.get("/account/")
    asleep(client)
    client.post("/account/", {"name": "New"}, headers={"Referer": "http://testserver/account/"})
    assert client.post("/account/", "{}", content_type="application/json", headers=by_itself).status_code == 423
    assert client.get("/sessions/00000000-0000-4000-8000-000000000001/state.json", headers=by_itself).status_code == 302
    assert client.session["return_to"] == "http://testserver/account/"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/locked/back/"})
    client.get("/account/", headers=by_itself)
    assert "New" in client.get("/locked/back/").content.decode()


def test_a_held_form_can_be_left(owner, signed_in) -> None:
    client = signed_in(owner)
    client.get("/account/")
    asleep(client)
    client.post("/account/", {"name": "New"}, headers={"Referer": "http://testserver/account/"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/locked/back/"})
    assert client.post("/locked/back/").url == "http://testserver/account/"
    assert "held" not in client.session


def test_nothing_forged_is_held(owner) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/account/")
    asleep(client)
    assert client.post("/account/", {"name": "Forged"}).status_code == 403
    assert "held" not in client.session


def test_a_locked_screen_is_unlocked_by_the_cover_of_the_page(owner, signed_in) -> None:
    client = signed_in(owner)
    client.get("/account/")
    assert client.post("/locked/", {"back": "/account/"}).status_code == 302
    assert client.get("/people/").status_code == 302
    assert client.post("/locked/unlock/", {"password": "not it"}).status_code == 403
    assert client.get("/account/").status_code == 302
    assert client.post("/locked/unlock/", {"password": PASSWORD}).status_code == 204
    assert client.get("/account/").status_code == 200
    assert Client().post("/locked/unlock/", {"password": PASSWORD}).status_code == 302


def test_the_lock_leads_nowhere_else(owner, signed_in) -> None:
    client = signed_in(owner)
    client.get("/account/")
    client.post("/locked/", {"back": "https://elsewhere.example/"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/locked/back/"})
    assert client.get("/locked/back/").url == "/"


def test_a_code_unlocks_too(owner, signed_in) -> None:
    secret = with_totp(owner)
    client = signed_in(owner)
    client.get("/account/")
    asleep(client)
    assert "/accounts/2fa/reauthenticate/" in client.get("/accounts/reauthenticate/?next=/locked/back/").content.decode()
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_parts_of_a_page_lead_to_the_lock_too(owner, signed_in) -> None:
    client = signed_in(owner)
    client.get("/account/")
    asleep(client)
    part = client.get("/account/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/?q=1"})
    assert part.headers["HX-Redirect"] == "/accounts/reauthenticate/?next=/locked/back/"
    assert client.session["return_to"] == "/?q=1"


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_logout", "account_inactive", "account_change_password", "account_set_password", "account_reset_password",
     "account_reset_password_done", "account_reset_password_from_key_done", "account_reauthenticate", "mfa_index", "mfa_activate_totp",
     "mfa_list_webauthn", "mfa_add_webauthn", "account", "choose_site"],
)  # fmt: skip
def test_every_page_of_signing_in_is_ours_or_leads_on(name, owner) -> None:
    client = Client()
    enter(owner.email, client=client)
    page = client.get(reverse(name))
    assert page.status_code in (200, 302), page.content
    if page.status_code == 200:
        text = page.content.decode()
        assert "clinic/people.css" in text
        assert "<script>" not in text
        assert " style=" not in text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] not in ("", None)
