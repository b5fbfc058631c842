"""What the worker does for the ledger: closes forecasts, and withdraws the number where a site's data exclude it."""

from datetime import datetime

from euthymia_clinic.accounts.models import Site
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.ledger import closable, number_is_withdrawn, settle_patient, withdraw_number

# How many patients at one call: other jobs get their turn in between.
AT_A_TIME = 200


def settle_forecasts(now: datetime) -> int:
    """Close the forecasts that can be closed; how many were. One record that cannot be read stops none of the others."""
    closed = 0
    for site in Site.objects.all():
        today, of_site = now.astimezone(site.tz).date(), 0
        for patient in closable(site, today)[:AT_A_TIME]:
            try:
                of_site += settle_patient(system("ledger"), patient, today)
            except Exception:  # noqa: S112 - whatever is wrong with one record, and the next run tries again
                continue
        if of_site and number_is_withdrawn(site) is None:
            withdraw_number(system("ledger"), site, today)
        closed += of_site
    return closed
