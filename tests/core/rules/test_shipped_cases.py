"""Every shipped rule file does what its own cases say (as `euthymia check` runs them), fast enough for mutation testing."""

import pytest

from core.rules.people import CATALOG
from euthymia.check.rules import rules_file
from euthymia.knowledge_file import KNOWLEDGE


@pytest.mark.parametrize("name", sorted(CATALOG.rules))
def test_a_rule_file_holds_by_its_cases(name: str) -> None:
    report = rules_file(CATALOG, CATALOG.rules[name], (KNOWLEDGE,))
    assert report.failures == ()
    assert report.cases
