"""Who works in the demo clinic: roles, no persons. Known before Django is. All have the same password, printed at the start."""

from typing import NamedTuple

PASSWORD = "for the demo clinic only"  # noqa: S105 - known to everybody
FIRST, SECOND = "demo", "second-demo"
ZONE = "America/New_York"


class Demo(NamedTuple):
    """Somebody of the demo: how they sign in, what they are called, what they do (a role of the clinic) and where."""

    email: str
    name: str
    role: str
    site: str


DEMO_PEOPLE = (
    Demo("prescriber@demo.example", "Demo prescriber", "prescriber", FIRST),
    Demo("prescriber.two@demo.example", "Demo prescriber two", "prescriber", FIRST),
    Demo("nurse@demo.example", "Demo nurse", "nurse", FIRST),
    Demo("therapist@demo.example", "Demo therapist", "therapist", FIRST),
    Demo("lead@demo.example", "Demo medical lead", "medical_lead", FIRST),
    Demo("administrator@demo.example", "Demo administrator", "administrator", FIRST),
    Demo("auditor@demo.example", "Demo auditor", "auditor", FIRST),
    Demo("stranger@demo.example", "Prescriber of the second site", "prescriber", SECOND),
)
