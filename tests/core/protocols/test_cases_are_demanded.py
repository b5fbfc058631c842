"""The cases of a protocol: all hold, each edge is asked for, and leaving out any case that stands on one is noticed."""

import pytest

from core.protocols.courses import CATALOG
from euthymia.check.protocols import ProtocolCases, protocol_file, uncovered
from euthymia.knowledge_file import KNOWLEDGE, read_knowledge

PROTOCOLS = list(CATALOG.protocols.values())
# Said beside the edges: they prove something that no edge of a protocol asks for.
EXTRA = ("cannot occur", "no session is recorded", "begins the count anew", "still speaks", "does not", "at the prescriber's upper bound")


def cases(protocol):
    return read_knowledge(KNOWLEDGE / f"protocols/{protocol.id}.cases.toml", ProtocolCases).cases


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.id)
def test_all_cases_hold_and_every_edge_has_its_own(protocol):
    report = protocol_file(CATALOG, protocol, (KNOWLEDGE,))
    assert report.failures == ()
    assert report.cases == len(cases(protocol))


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.id)
def test_leaving_out_any_case_is_noticed(protocol):
    own = cases(protocol)
    kept = [case.name for k, case in enumerate(own) if not list(uncovered(protocol, [*own[:k], *own[k + 1 :]]))]
    assert [name for name in kept if not any(words in name for words in EXTRA)] == []


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.id)
def test_without_cases_every_phase_says_what_it_lacks(protocol):
    assert {line.partition(":")[0] for line in uncovered(protocol, ())} == {phase.id for phase in protocol.phases}


def test_a_protocol_without_its_case_file_is_named(tmp_path):
    report = protocol_file(CATALOG, PROTOCOLS[0], (tmp_path,))
    assert report.cases == 0
    assert "found no such file" in report.failures[0]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ('proves = "row"\ninstrument = "phq9"\nscore = 4\noutcome = "partial"', "expected partial, found remission"),
        ('proves = "row"\ninstrument = "madrs"\nscore = 4\noutcome = "none"', "expected none, found no row of madrs"),
        ('proves = "minimum"\nday = 28\nreached = "not_reached"', "expected not_reached, found reached"),
        ('proves = "point"\nid = "week_3"\nreached = "reached"', "found no decision point week_3"),
        ('proves = "futility"\nid = "week_3"\nreached = "reached"', "found no window week_3"),
        ('proves = "interval"\nextending = "may"', "found no rule of the interval"),
    ],
)
def test_a_case_that_does_not_hold_is_named_with_both(case, words, tmp_path):
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols/oral_antidepressant.cases.toml").write_text(f'[[cases]]\nname = "wrong"\nphase = "acute"\n{case}\n')
    failures = protocol_file(CATALOG, CATALOG.protocols["oral_antidepressant"], (tmp_path,)).failures
    assert f"wrong: {words}" in failures[0] or (failures[0].startswith("wrong: ") and words in failures[0])


def test_rows_are_never_applied_to_another_instrument():
    acute = CATALOG.protocols["oral_antidepressant"].phases[0]
    assert acute.row("qids_c16").outcome(9) == "no_response"
    assert acute.row("phq9").outcome(9) == "partial"
    assert acute.row("qids_sr16") is None
    assert acute.row("madrs") is None
