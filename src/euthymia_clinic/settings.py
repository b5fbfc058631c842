"""Settings, from the environment. Without any: a clinic on this machine alone, with SQLite, for trying out and for tests.

`EUTHYMIA_SECRET_KEY` makes it production: HTTPS only, MFA for staff, mail by SMTP; `euthymia serve` demands it.
"""

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import dj_database_url

HOME = Path(os.environ.get("EUTHYMIA_HOME", "out/clinic")).resolve()
PRODUCTION = "EUTHYMIA_SECRET_KEY" in os.environ
DEMO = os.environ.get("EUTHYMIA_DEMO") == "1"

SECRET_KEY = os.environ.get("EUTHYMIA_SECRET_KEY", "this machine alone: no secret, and no production without one of its own")
# Earlier ones: sessions, links to set a password and the seeds of second factors made under them stay good.
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("EUTHYMIA_OLD_SECRET_KEYS", "").split(",") if key]
DEBUG = False
ALLOWED_HOSTS = os.environ.get("EUTHYMIA_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
# Where links in mails lead to.
PUBLIC_ADDRESS = os.environ.get("EUTHYMIA_ADDRESS", "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS]

INSTALLED_APPS = [
    "euthymia_clinic.audit",
    "euthymia_clinic.accounts",
    "euthymia_clinic.catalogs",
    "euthymia_clinic.chart",
    "euthymia_clinic.alerts",
    "euthymia_clinic.checkins",
    "euthymia_clinic.sessions",
    "euthymia_clinic.patientpage",
    "euthymia_clinic.worker",
    "euthymia_clinic.pages",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "euthymia_clinic.pages.middleware.content_policy",
    "euthymia_clinic.pages.middleware.legible",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "euthymia_clinic.pages.middleware.second_factor",
    "euthymia_clinic.pages.middleware.idle_lock",
    "euthymia_clinic.pages.middleware.at_a_site",
]
CSRF_FAILURE_VIEW = "euthymia_clinic.pages.views.trouble.csrf_failure"
ROOT_URLCONF = "euthymia_clinic.urls"
WSGI_APPLICATION = "euthymia_clinic.wsgi.application"

_PAGES = Path(str(files("euthymia_clinic.pages")))
_REPORT = Path(str(files("euthymia.report")))
TEMPLATES: list[dict[str, Any]] = [
    {
        # Our own pages: what a template asks for and nobody gave is an error here, not an empty place.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [_PAGES / "templates", _REPORT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "euthymia_clinic.pages.environment.environment",
            "context_processors": ["euthymia_clinic.pages.environment.around"],
        },
    },
    {
        # allauth's, for those of its pages that are not ours.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

DATABASES: dict[str, Any] = {
    "default": dj_database_url.config(default=f"sqlite:///{HOME / 'clinic.sqlite3'}", conn_max_age=600, conn_health_checks=True)
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # One writer at a time, who waits instead of failing; nothing acknowledged is lost with the power.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all processes: the counters of the rate limits stand here.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 100_000}}}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [_PAGES / "static", ("report", _REPORT / "static")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Without `collectstatic` before it, the files are found where they lie.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "euthymia_clinic.accounts.adapter.ClinicAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Whoever asks gets one answer, whether there is such a person or not.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
# A clinic is many people behind one address: the narrow limits are per person.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/10m/ip,5/10m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reauthenticate": "20/m/user",
    "change_password": "5/m/user",
}
# How many proxies of its own stand before the clinic: so many addresses of X-Forwarded-For are believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("EUTHYMIA_PROXIES", "1" if PRODUCTION else "0"))
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
MFA_ADAPTER = "euthymia_clinic.accounts.adapter.ClinicSecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Euthymia"
# Staff sign in with a second factor; in the demo, where everyone knows the passwords, without.
MFA_REQUIRED = PRODUCTION and not DEMO

# A screen that nobody has touched for so long asks who is there.
IDLE_LOCK_MINUTES = int(os.environ.get("EUTHYMIA_IDLE_MINUTES", "15"))

SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = os.environ.get("EUTHYMIA_BEHIND_TLS", "1") == "1"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

EMAIL_BACKEND = os.environ.get(
    "EUTHYMIA_MAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend" if PRODUCTION else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_HOST = os.environ.get("EUTHYMIA_MAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EUTHYMIA_MAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EUTHYMIA_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EUTHYMIA_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EUTHYMIA_MAIL_TLS", "0") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EUTHYMIA_MAIL_FROM", "clinic@localhost")
# A class with `send(to, text)`; absent: no text messages are sent, and the pages say so.
TEXT_MESSAGES = os.environ.get("EUTHYMIA_TEXT_MESSAGES", "")

# Nothing of a request's content is logged: no query, no body, no address of a patient's page, no words of an error.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "euthymia_clinic.audit.quiet.Quiet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.server": {"handlers": [], "level": "CRITICAL", "propagate": False}},
}
# The database itself refuses to change rows of the append-only tables (audit/guards.py).
APPEND_ONLY_GUARDS = True
