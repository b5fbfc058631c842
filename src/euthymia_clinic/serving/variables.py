"""The environment variables by which a clinic is set up, each with what it means."""

from collections.abc import Mapping

VARIABLES = {
    "EUTHYMIA_SECRET_KEY": "the clinic's own secret, 50 characters or more; it makes this production",
    "EUTHYMIA_OLD_SECRET_KEYS": "the secrets before it, with commas between, newest first; what was made under them stays good",
    "EUTHYMIA_HOSTS": "the names under which it is reached, with commas between",
    "EUTHYMIA_ADDRESS": "where links in messages lead to, as https://clinic.example",
    "EUTHYMIA_HOME": "the folder for SQLite and static files",
    "EUTHYMIA_BEHIND_TLS": "0: do not send plain HTTP on to HTTPS",
    "EUTHYMIA_PROXIES": "how many proxies stand before the clinic",
    "EUTHYMIA_IDLE_MINUTES": "after how long an untouched screen is locked",
    "EUTHYMIA_MAIL_BACKEND": "Django's class for mail",
    "EUTHYMIA_MAIL_HOST": "the mail server",
    "EUTHYMIA_MAIL_PORT": "its port",
    "EUTHYMIA_MAIL_USER": "the name to sign in to it",
    "EUTHYMIA_MAIL_PASSWORD": "the password to sign in to it",
    "EUTHYMIA_MAIL_TLS": "1: STARTTLS",
    "EUTHYMIA_MAIL_FROM": "the sender of the clinic's mails",
    "EUTHYMIA_TEXT_MESSAGES": "a class with send(to, text)",
    "EUTHYMIA_DEMO": "1: a demo clinic of virtual patients",
    "EUTHYMIA_PORT": "the port of the demo",
    "EUTHYMIA_EXAMPLES": "for tests of this project",
}
OWN_SECRET = 50
_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


def what_is_wrong(environment: Mapping[str, str]) -> list[str]:
    """What keeps a clinic from starting for production, in sentences; empty: nothing."""
    ours = {name: value for name, value in environment.items() if name.startswith("EUTHYMIA_")}
    wrong = [f"found the variable {name}; allowed: {', '.join(VARIABLES)}" for name in sorted(set(ours) - set(VARIABLES))]
    secret = ours.get("EUTHYMIA_SECRET_KEY", "")
    if not secret:
        found = ", ".join(sorted(ours)) or "none of the clinic's variables"
        wrong.append(f"found no EUTHYMIA_SECRET_KEY (found: {found}); allowed: {VARIABLES['EUTHYMIA_SECRET_KEY']}. Make one: {_MAKE_ONE}")
    elif len(secret) < OWN_SECRET or len(set(secret)) < 5:
        wrong.append(f"found an EUTHYMIA_SECRET_KEY of {len(secret)} characters; allowed: {OWN_SECRET} or more. Make one: {_MAKE_ONE}")
    wrong += [f"found no {name}; allowed: {VARIABLES[name]}" for name in ("EUTHYMIA_HOSTS", "EUTHYMIA_ADDRESS") if not ours.get(name)]
    address = ours.get("EUTHYMIA_ADDRESS", "")
    if address and not address.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        wrong.append(f"found EUTHYMIA_ADDRESS {address!r}; allowed: https://… (links to patients go over HTTPS alone)")
    return wrong
