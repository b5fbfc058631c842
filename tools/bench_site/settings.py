"""The clinic's settings with the peer's address."""

from euthymia_clinic.settings import *  # noqa: F403 - the same clinic

ROOT_URLCONF = "bench_site.urls"
