"""What every page of staff has to say of the alerts: who needs to be seen now, and that nobody would be paged."""

from dataclasses import dataclass

from django.db.models import Count, Q

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.alerts.people import anybody_paged
from euthymia_clinic.chart.permissions import CLINICAL, visible_at


@dataclass(frozen=True)
class Standing:
    """`open`: alerts of this person's patients that nobody has acknowledged; `high`: those of the highest tier among them.

    `nobody_paged`: the site has nobody to page.
    """

    open: int
    high: int
    nobody_paged: bool


def standing(here: Here | None) -> Standing:
    """What stands for this person at this site, by one look at its open alerts."""
    if here is None:
        return Standing(0, 0, nobody_paged=False)
    counts = {"open": 0, "high": 0}
    if here.role in CLINICAL:
        waiting = Alert.objects.filter(visible_at("patient", here), site=here.site, state=Alert.State.OPEN)
        counts = waiting.aggregate(open=Count("pk"), high=Count("pk", filter=Q(tier=Alert.Tier.HIGH)))
    return Standing(**counts, nobody_paged=not anybody_paged(here.site))
