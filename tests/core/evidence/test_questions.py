"""Questions: kinds never in one breath, certainty as drafted, words as sure as the level, and nothing that may not be said."""

import re
from pathlib import Path

import pytest

import euthymia
from euthymia import load_catalog
from euthymia.check.studies import grading_file, question_files
from euthymia.evidence import answer
from euthymia.evidence.certainty import level_of
from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.question import LEVELS, Judgement, Question
from euthymia.study_links import question_problems, row

CATALOG = load_catalog()
QUESTIONS = list(CATALOG.questions)
# Section 2 of certainty.md, row by row.
DRAFT = {
    "iv_acute": "moderate",
    "iv_week": "low",
    "iv_repeated": "low",
    "ketamine_vs_ect": "low-moderate",
    "ect": "moderate-low",
    "esketamine_acute": "moderate",
    "esketamine_monotherapy": "moderate",
    "esketamine_vs_quetiapine": "moderate",
    "maintenance": "moderate",
    "esketamine_years": "low",
    "racemic_maintenance": "very low",
    "oral_er": "low",
    "oral_plain": "low to very low",
    "sublingual_home": "very low",
    "bladder": "low",
    "bladder_years": "very low",
    "kap": "very low",
    "aripiprazole": "moderate",
    "tms_vs_switch": "moderate",
    "accelerated_tms": "low-moderate",
    "cbt_added": "moderate",
}


@pytest.mark.parametrize(("question", "draft"), DRAFT.items())
def test_the_judgements_give_the_level_that_was_drafted(question, draft):
    found = CATALOG.questions[question]
    level = level_of(found.grading.starts, found.grading.judgements)
    allowed = {part.strip().replace(" ", "_") for part in re.split(r"-|\bto\b", draft)}
    assert level in allowed
    assert level == min(allowed, key=LEVELS.index), "where the draft gives two, the lower is shown"
    assert set(found.grading.draft) == allowed


def test_every_row_of_the_draft_has_a_question():
    rows = {q.grading.draft_row for q in CATALOG.questions.values() if q.grading.draft_row}
    assert rows == {*map(str, range(1, 21)), "18b"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_quotes_evidence_of_another_kind(question):
    found = CATALOG.questions[question]
    assert {row(CATALOG, name)[1].kind for name in found.rows()} <= {found.kind}
    assert list(question_problems(CATALOG, found)) == []


def test_evidence_of_another_kind_is_refused():
    maintenance = CATALOG.questions["maintenance"]
    for other in ("sublingual_home", "iv_acute"):
        mixed = maintenance.model_copy(update={"beside": CATALOG.questions[other].carries[:1]})
        assert "evidence of kind" in next(question_problems(CATALOG, mixed))


def test_links_that_lead_nowhere_are_refused():
    found = CATALOG.questions["esketamine_acute"]
    assert "allowed: study/result" in next(question_problems(CATALOG, found.model_copy(update={"beside": ("nobody/nothing",)})))
    assert "positions: found 'nobody'" in next(question_problems(CATALOG, found.model_copy(update={"positions": ("nobody",)})))


@pytest.mark.parametrize(
    ("measure", "arms", "name", "found"),
    [
        ("RR", ("cbt", "usual"), "wiles2013_cobalt/response_6m", "not exact whole numbers"),
        ("RR", ("cbt", "nobody"), "wiles2013_cobalt/response_6m", "allowed: two of cbt, usual"),
        ("MD", None, "wiles2013_cobalt/odds_6m", "found no MD"),
        ("MD", None, "takahashi2021_japan/change_day28", "found no MD"),
    ],
)
def test_a_pool_of_figures_that_are_not_there_is_refused(measure, arms, name, found):
    question = CATALOG.questions["cbt_added"]
    shipped = CATALOG.questions["aripiprazole"].pools[0]
    studies = tuple(each.model_copy(update={"row": name, "arms": arms}) for each in shipped.studies)
    asked = question.model_copy(update={"pools": (shipped.model_copy(update={"measure": measure, "studies": studies}),)})
    assert found in " ".join(question_problems(CATALOG, asked))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_sentence_is_as_sure_as_the_level_and_comes_first(question):
    said, level = f" {answer(question, CATALOG).sentence} ", answer(question, CATALOG).certainty
    words = {"moderate": "probably", "low": " may ", "very_low": "very uncertain"}
    assert {key for key, word in words.items() if word in said} == ({level} if level in words else set())


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_either_pools_or_says_why_not(question):
    found = answer(question, CATALOG)
    assert bool(found.pooled) != bool(found.why_not_pooled)
    assert found.tells_not


def test_every_study_is_quoted_somewhere():
    quoted = {name.partition("/")[0] for q in CATALOG.questions.values() for name in q.rows()}
    assert quoted == set(CATALOG.studies)


def test_both_figures_of_star_d_stand_together():
    found = answer("stard_steps", CATALOG)
    assert found.certainty == "none"
    assert "67 %" in found.sentence
    assert "35 %" in found.sentence


def test_guidelines_that_disagree_are_shown_as_such():
    for question in ("iv_acute", "iv_repeated", "ketamine_vs_ect", "racemic_maintenance"):
        assert any("CANMAT" in line for line in answer(question, CATALOG).disagreements)
    recalled = next(line for line in answer("iv_acute", CATALOG).positions if line.startswith("VA/DoD"))
    assert recalled.endswith("[recalled, medium confidence]")


def test_the_options_ask_for_questions_that_exist():
    asked = {each for option in CATALOG.options.values() for each in (option.question, *option.question_when.values()) if each}
    assert asked <= set(QUESTIONS)


FORBIDDEN = ("prov" + "en", "safe long" + "-term", "better than " + "ECT")


def shipped_texts():
    """Everything that is shipped and read by people, and every answer as it is rendered."""
    root = Path(euthymia.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.suffix in {".toml", ".html", ".md", ".typ", ".json", ".css"} and "static" not in path.parts:
            yield path.name, path.read_text(encoding="utf-8")
    for question in QUESTIONS:
        found = answer(question, CATALOG)
        yield question, " ".join([found.sentence, *found.figures, *found.positions, *found.disagreements, *map(str, found.studies)])


def test_forbidden_phrases_are_nowhere():
    said = re.compile("|".join(rf"\b{phrase}\b" for phrase in FORBIDDEN), re.IGNORECASE)
    assert [(name, match.group()) for name, text in shipped_texts() for match in said.finditer(text)] == []


def test_only_the_labelled_product_is_said_to_be_approved():
    approved = re.compile(r"FDA[- ]approved", re.IGNORECASE)
    for name, text in shipped_texts():
        for match in approved.finditer(text):
            around = text[max(0, match.start() - 120) : match.end() + 120].lower()
            assert "esketamine" in around or "not fda" in around, f"{name}: {around}"


def test_a_judgement_goes_the_right_way():
    with pytest.raises(ValueError, match="domains of doubt lower"):
        Judgement(domain="imprecision", change=1, reason="")
    with pytest.raises(ValueError, match="domains of doubt lower"):
        Judgement(domain="large_effect", change=-1, reason="")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"why_not_pooled": None}, "both or neither of `pools`"),
        ({"carries": ()}, "rows that carry a level"),
        ({"statement": "low_dose"}, "found the statement on low_dose beside a question of kind maintenance"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused(change, found):
    with pytest.raises(ValueError, match=re.escape(found)):
        Question.model_validate({**dict(CATALOG.questions["maintenance"]), **change})


def test_the_check_finds_a_level_a_word_and_a_doubt_that_do_not_fit():
    found = CATALOG.questions["maintenance"]
    surer = found.model_copy(update={"says": "Continuing esketamine lowers relapse."})
    nothing = found.grading.model_copy(update={"judgements": ()})
    changed = CATALOG.model_copy(update={"questions": {"maintenance": surer, "other": found.model_copy(update={"grading": nothing})}})
    first, second = (report.failures for report in question_files(changed))
    assert "found no word of doubt at the level moderate" in first[0]
    assert "expected the certainty moderate of the draft, found high" in second[0]
    assert sum("found no judgement of" in line for line in second) == 2


def test_the_check_asks_for_both_sides_of_every_threshold(tmp_path):
    text = (KNOWLEDGE / "evidence/grading.cases.toml").read_text(encoding="utf-8")
    for gone in ("i2 = 50.0", "participants = 399", "events = 300\n", "guess_rate = 65.0", "dropout_difference = 21.0", "lower = -5.9"):
        (tmp_path / "evidence").mkdir(exist_ok=True)
        kept = [block for block in re.split(r"\n(?=\[\[)", text) if gone.strip() not in block.split("\n")]
        assert len(kept) < len(re.split(r"\n(?=\[\[)", text))
        (tmp_path / "evidence/grading.cases.toml").write_text("\n".join(kept), encoding="utf-8")
        assert any("no case on both sides" in line for line in grading_file(CATALOG, (tmp_path,)).failures), gone


def test_the_check_finds_a_wrong_case(tmp_path):
    text = (KNOWLEDGE / "evidence/grading.cases.toml").read_text(encoding="utf-8")
    (tmp_path / "evidence").mkdir()
    changed = (
        text.replace('level = "high"', 'level = "low"', 1)
        .replace('asks = ["inconsistency"]', "asks = []")
        .replace('here = "low"', 'here = "high"', 1)
    )
    (tmp_path / "evidence/grading.cases.toml").write_text(changed, encoding="utf-8")
    failures = grading_file(CATALOG, (tmp_path,)).failures
    assert sum("expected" in line for line in failures) == 3
    assert grading_file(CATALOG, (tmp_path / "none",)).failures


def test_unknown_questions_are_named_with_the_known_ones():
    with pytest.raises(KeyError, match="known: accelerated_tms"):
        answer("nothing", CATALOG)


def test_a_site_may_change_a_question(tmp_path):
    shipped = (KNOWLEDGE / "evidence/questions/maintenance.toml").read_text(encoding="utf-8")
    (tmp_path / "evidence/questions").mkdir(parents=True)
    path = tmp_path / "evidence/questions/maintenance.toml"
    path.write_text(shipped.replace("change = -1", "change = -2"), encoding="utf-8")
    assert answer("maintenance", load_catalog(tmp_path)).certainty == "low"
    assert answer("maintenance", CATALOG).certainty == "moderate"
    path.write_text(shipped.replace("daly2019_sustain1/interval", "hull2022/response_week4"), encoding="utf-8")
    with pytest.raises(CatalogError, match="evidence of kind low_dose; allowed: rows of kind maintenance"):
        load_catalog(tmp_path / ".." / tmp_path.name)
