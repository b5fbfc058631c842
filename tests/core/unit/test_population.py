"""The file of a population: refused with its name, the key, what was found and what is allowed."""

import pytest

from core.unit.clinics import COUNT, PLACE, ROW, clinic, population_text
from euthymia.knowledge_file import CatalogError
from euthymia.loading import load_catalog


def first_row(numbers: list[object]) -> tuple[str, str]:
    return ROW, f"    [{', '.join(map(str, numbers))}],\n"


REST = [0.0] * (COUNT - 1)
BAD = {
    "a row short": ((ROW, ""), f"found a covariance of {COUNT - 1} rows with [{COUNT}] numbers; allowed: {COUNT} rows of {COUNT}"),
    "a row too many": (
        (ROW, ROW + ROW),
        f"found a covariance of {COUNT + 1} rows with [{COUNT}] numbers; allowed: {COUNT} rows of {COUNT}",
    ),
    "a number short": (
        first_row(REST),
        f"found a covariance of {COUNT} rows with [{COUNT - 1}, {COUNT}] numbers; allowed: {COUNT} rows of {COUNT}",
    ),
    "not symmetric": (
        first_row([0.0, 0.1, *REST[1:]]),
        "found a covariance that is not symmetric; allowed: the same number at [i][j] and [j][i]",
    ),
    "not a number": (first_row(["nan", *REST]), "covariance.0.0: found nan; allowed: should be a finite number"),
    "a word in it": (first_row(['"0"', *REST]), "covariance.0.0: found '0'; allowed: should be a valid number"),
    "an unknown stated": (
        ('scale = "identity"', 'scale = "identity"\nstated = ["carry", "wane"]'),
        "found the stated parameters wane; allowed: ",
    ),
    "an unknown parameter": (
        ("carry = 0.2", "carry = 0.2\nrho = 0.2"),
        "parameters.rho: found 0.2; allowed: a key that this file has; check its spelling",
    ),
    "a parameter missing": (("carry = 0.2", ""), "parameters.carry: found nothing; allowed: a value; the key is required"),
    "effects that stack": (("carry = 0.2", "carry = 1.0"), "parameters.carry: found 1.0; allowed: should be less than 1"),
    "a rate below nothing": (
        ("wane_per_week = 0.7", "wane_per_week = -0.7"),
        "parameters.wane_per_week: found -0.7; allowed: should be greater than 0",
    ),
    "no end": (("wane_per_week = 0.7", "wane_per_week = inf"), "parameters.wane_per_week: found inf; allowed: should be a finite number"),
    "an unknown instrument": (('instrument = "madrs"', 'instrument = "madrs2"'), "instrument: found 'madrs2'; allowed: asrm, audit_c, "),
    "an unknown scale": (
        ('scale = "identity"', 'scale = "log"'),
        "scale: found 'log'; allowed: should be 'identity', 'square_root' or 'logit'",
    ),
    "one person": (("people = 40", "people = 1"), "source.people: found 1; allowed: should be greater than or equal to 2"),
    "narrower when borrowed": (
        ("variance_factor = 1.5", "variance_factor = 0.5"),
        "borrowed.variance_factor: found 0.5; allowed: should be greater than or equal to 1",
    ),
    "a negative variance": (
        first_row([-0.1, *REST]),
        "found a negative variance in the covariance; allowed: 0 or more on its diagonal",
    ),
    "an unknown protocol": (('protocols = ["', 'protocols = ["ketamine_4", "'), "protocols: found ketamine_4; allowed: "),
    "another name than its file": (
        ('id = "madrs_ketamine"', 'id = "ours"'),
        "id: found 'ours'; allowed: the file's own name, 'madrs_ketamine'",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_bad_population_is_refused_in_words(change, message, tmp_path):
    text = population_text()
    assert change[0] in text
    (tmp_path / "trajectory").mkdir()
    (tmp_path / PLACE).write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path)
    assert message in str(refused.value)
    assert all(line.startswith("madrs_ketamine.toml: ") for line in str(refused.value).splitlines())


def test_a_site_adds_its_own_and_keeps_the_shipped():
    populations = clinic().populations
    assert set(populations) == {"madrs_ketamine", *load_catalog().populations}
    assert populations["madrs_ketamine"].parameters.effect_mean == 8.0
