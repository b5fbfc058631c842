"""How properties are tried: without a clock (timings belong to `make bench`), and with the same examples every time."""

import os

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize="EUTHYMIA_EXAMPLES" not in os.environ)
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory) -> None:
    """Tests empty the tables between them and tamper with them by hand: the database's own guards have a test of their own.

    SQLite in a file, as in a clinic: in memory, threads would share one cache, and get "table is locked" at once.
    """
    from django.conf import settings as clinic
    from django.db import connection

    clinic.APPEND_ONLY_GUARDS = False
    # The real one takes a third of a second for each person of each test, on purpose.
    clinic.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "clinic.sqlite3")
