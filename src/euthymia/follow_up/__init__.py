"""Long-term safety of ketamine care: what was measured against time and cumulative exposure, its limits, what is due, referrals."""

from euthymia.follow_up.following import follow_up
from euthymia.follow_up.result import (
    Accrued,
    Exposure,
    FollowUp,
    Given,
    Point,
    Referral,
    Referred,
    Series,
    SessionSeen,
    Subject,
    SubjectState,
    Threshold,
)

__all__ = [
    "Accrued",
    "Exposure",
    "FollowUp",
    "Given",
    "Point",
    "Referral",
    "Referred",
    "Series",
    "SessionSeen",
    "Subject",
    "SubjectState",
    "Threshold",
    "follow_up",
]
