"""The patient's page: what it says of each status, what it never says, and that it begins with support where it is needed."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from core.conversation.pages import CATALOG, LANGUAGES, every_page, page, with_status
from core.conversation.reading_level import flesch_kincaid, szigriszt_pazos, words
from core.report.people import HOSTILE, SAMPLES, hostile, review_of, sample
from euthymia.cli import app
from euthymia.conversation import LanguageError, conversation
from euthymia.decisions import DecisionDue, Decisions
from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog
from euthymia.phrases import STATUS_IDS
from euthymia.report.patient_page import patient_lines, patient_page
from euthymia.verdict import Status

EVERY = dict(every_page())
LEVELS = {"en": flesch_kincaid, "es": szigriszt_pazos}


def text_of(conversation):
    return "\n".join(patient_lines(conversation))


def readable(language, text):
    """Whether a text is within the limit: grade 8 in English, INFLESZ 55 in Spanish."""
    return flesch_kincaid(text) <= 8 if language == "en" else szigriszt_pazos(text) >= 55


def filled(text):
    """A sentence with an easy word in each of its places."""
    return re.sub(r"\{[a-z]+\}", "dos", text)


# What a person reads


@pytest.mark.parametrize("name", EVERY)
def test_every_page_is_easy_to_read(name):
    assert readable(name.split()[0], text_of(EVERY[name]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_file_is_easy_to_read_as_a_whole_and_sentence_by_sentence(language):
    said = [filled(text) for _, text in CATALOG.phrases[language].texts()]
    assert readable(language, "\n".join(said))
    # A title of three words has no level of its own.
    assert [text for text in said if len(words(text)) >= 8 and not readable(language, text)] == []


def test_every_language_has_a_level_of_its_own():
    """A language without a tested level is not shipped."""
    assert set(LANGUAGES) == set(LEVELS)


def test_both_languages_have_the_same_keys_with_the_same_places():
    def places(language):
        found = {}
        for key, text in CATALOG.phrases[language].texts():
            found.setdefault(key, []).append(sorted(re.findall(r"\{([a-z]+)\}", text)))
        return {
            key: sorted(place for each_sentence in each for place in each_sentence)
            for key, each in found.items()
            if key not in ("date", "translation_not_reviewed")
        }

    assert places("en") == places("es")


# What it never says

NEVER = re.compile(
    r"\b(mg|mcg|milligrams?|miligramos?|doses?|dosage|dosis|sessions?|sesi(ón|ones)|increase|aument\w+|risks?|riesgos?|danger score|"
    r"chances?|probab\w+|percent|por ciento|fail\w*|fracas\w+|refus\w+|compliant|cumplidor\w*|proven|"
    r"depend\w+|suicid\w+)\b|%|!|¡|because of|debido a",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", EVERY)
def test_no_dosing_no_danger_score_no_chance_no_blame(name):
    # The name of a crisis line is its own.
    said = text_of(EVERY[name]).replace("988 Suicide & Crisis Lifeline", "")
    assert [match.group() for match in NEVER.finditer(said)] == []


@pytest.mark.parametrize("name", EVERY)
def test_every_place_is_filled(name):
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", text_of(EVERY[name]))


def test_every_status_has_its_own_three_questions():
    for language in LANGUAGES:
        asked = [question for status in STATUS_IDS for question in page(with_status(status), language).questions.lines]
        assert len(asked) == len(set(asked)) == 3 * 8
        assert all(question.endswith("?") for question in asked)


def test_the_statuses_are_those_of_the_verdict():
    assert set(STATUS_IDS) == set(Status.__args__)


# What it says


def test_the_answer_comes_first_then_the_course_and_the_target_in_own_words():
    where = page(sample("holding-above-remission")).where.lines
    assert where[0].startswith("You are better than at the start.")
    assert where[1] == "On 23 July 2026, near the start, your PHQ-9 score was 20.5. On 19 November 2026 it was 8. A lower score is better."
    assert where[2] == "The target you agreed on is a score of 4 or lower. You agreed to look at it by 21 January 2027."
    assert where[3] == "This is what being well means to you: “Walk the dog before work, and mean it when I laugh.”"


def test_days_are_said_in_the_language():
    assert "El 23 de julio de 2026, cerca del inicio" in page(sample("holding-above-remission"), "es").where.lines[1]


def test_remission_on_maintenance_is_remission():
    said = page(sample("in-remission"))
    assert said.where.lines[0] == "You are in remission: few or no signs of depression are left."
    assert "To be well with treatment is to be well." in said.remission.lines[1]


def test_a_young_remission_and_one_score_above_the_line_are_said_kindly():
    assert "The next answers will show if it lasts." in page(with_status("remission")).where.lines[0]
    assert "One score alone does not change where you are." in page(with_status("remission")).where.lines[0]
    assert "a little above" not in page(with_status("remission"), scores=False).where.lines[0]


def test_a_low_score_with_a_veto_is_to_be_talked_about():
    found = with_status("undecided")
    found = replace(found, verdict=replace(found.verdict, vetoes=("PHQ-9 item 9 was 1",)))
    assert "one of your answers should be talked about first" in page(found).where.lines[0]
    assert "item 9" not in text_of(page(found))


def test_without_a_target_it_says_so_kindly_and_names_the_usual_line():
    lines = page(with_status("undecided", target=False)).where.lines
    assert lines[-1] == (
        "We have no target written down yet. You can agree on one with your team. This page uses the usual line: a score of 4 or lower."
    )


def test_a_target_without_a_definition_is_agreed_but_the_line_is_the_usual_one():
    found = with_status("undecided")
    found = replace(found, episode=replace(found.episode, target=found.episode.target.model_copy(update={"definition": None})))
    assert page(found).where.lines[2].startswith("You and your team have agreed on a target. This page uses the usual line")


def test_without_any_score():
    said = page(review_of([], date(2026, 1, 5)))
    assert said.where.lines[1] == "We have no score from you yet."
    assert said.picture is None
    assert said.next.lines[0] == "No day is set yet. Please ask us for one."
    one = page(review_of([{"kind": "assessment", "id": "a", "at": "2026-01-05", "instrument": "phq9", "total": 14}], date(2026, 1, 5)))
    assert one.where.lines[1] == "On 5 January 2026 your PHQ-9 score was 14. It is the only one so far. A lower score is better."
    assert one.picture is None


def test_without_scores_there_is_no_number_of_a_scale_and_no_picture():
    for language in LANGUAGES:
        for status in STATUS_IDS:
            said = page(with_status(status), language, scores=False)
            left = re.sub(r"\d{1,2} (de )?\w+ (de )?\d{4}", "", " ".join(line for s in said.sections for line in s.lines))
            assert said.picture is None
            assert not re.search(r"\d|PHQ", left)


def test_the_picture_holds_the_scores_that_count_and_the_line():
    found = sample("holding-above-remission")
    picture = page(found).picture
    assert dict(picture.points) == {r.day: r.total for r in found.episode.series}
    assert (picture.line, picture.line_words) == (4, "4 or lower")


# When we look again


def decided(found, **more):
    """The review with the part that says where decisions stand."""
    copy = replace(found)
    object.__setattr__(
        copy,
        "decisions",
        Decisions(**{"due": None, "last": None, "held_until": None, "hold_void": None, **more}, continues_in_a_row=0, findings=()),
    )
    return copy


def test_the_next_answers_and_the_next_decision_on_their_days():
    found = with_status("undecided")
    due = DecisionDue(found.on + timedelta(days=30), overdue=False, what="decide", since=(), needs=())
    assert page(decided(found, due=due)).next.lines[0] == (
        "We ask for your next answers on 26 November 2026. We look at the plan with you by 19 December 2026."
    )
    held = page(decided(found, held_until=found.on + timedelta(days=60))).next.lines[0]
    assert held.endswith("You and your team chose to stay with this plan for now. You look at it again on 18 January 2027.")


def test_what_is_late_is_said_without_blame():
    found = with_status("cannot_tell")
    late = replace(found, on=found.on + timedelta(days=60))
    due = DecisionDue(found.on, overdue=True, what="decide", since=(), needs=())
    assert page(decided(late, due=due)).next.lines[0] == (
        "Your answers were planned for 26 November 2026. You can still give them. "
        "We planned to look at the plan with you by 19 November 2026. This is still open. Please ask us for a time."
    )


# Help


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_a_positive_answer_the_page_begins_with_support_and_whom_to_call(language):
    said = page(with_status("losing_ground", suicidality="positive"), language, country="us")
    assert said.sections[0] is said.support
    assert any("988" in line for line in said.support.lines)
    html = patient_page(said)
    assert html.index('class="support"') < html.index('class="where"')


@pytest.mark.parametrize("suicidality", ["negative", "cannot_tell"])
def test_without_one_it_does_not(suicidality):
    assert page(with_status("losing_ground", suicidality=suicidality)).support is None


@pytest.mark.parametrize("name", EVERY)
def test_help_is_the_last_part_of_every_page_and_nobody_is_said_to_watch(name):
    said = EVERY[name]
    assert said.sections[-1] is said.help
    assert said.help.lines[-1] in (
        "Nobody is watching this page. It does not send us a message.",
        "Nadie vigila esta página. No nos manda ningún aviso.",
    )


def test_a_site_that_has_not_said_its_country_names_no_number():
    said = " ".join(page(sample("losing-ground")).help.lines)
    assert "call your local emergency number" in said
    assert not re.search(r"\d", said)


@pytest.mark.parametrize(
    ("country", "emergency", "line"),
    [("us", "911", "988"), ("ca", "911", "988"), ("es", "112", "024"), ("gb", "999", "116 123"), ("mx", "911", "800 911 2000")],
)
def test_every_country_has_its_own_numbers(country, emergency, line):
    said = page(sample("losing-ground"), country=country).help.lines
    assert said[2] == f"If you are in danger now, call {emergency}."
    assert line in said[1]
    assert ("or text" in said[1]) is (country in ("us", "ca"))


def test_a_caller_is_told_in_their_language_how_to_be_answered_in_it():
    assert "Oprima 2 para español." in page(sample("losing-ground"), "es", country="us").help.lines[1]


def test_every_crisis_line_has_a_source_that_was_seen():
    for country in CATALOG.crisis_lines.countries.values():
        for line in country.lines:
            assert line.status == "verified"
            assert CATALOG.references[line.ref].seen != "not seen"


# Translation, adoption, sites


def test_the_spanish_says_that_nobody_has_reviewed_it():
    spanish = page(sample("in-remission"), "es")
    assert spanish.notices[0].startswith("Esta traducción al español todavía no ha sido revisada.")
    assert spanish.notices[1].startswith("Su clínica todavía no ha revisado")
    assert page(sample("in-remission"), "en").notices == ("Your clinic has not yet checked and adopted the words on this page.",)
    assert spanish.notices[0] in patient_page(spanish)


def site(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_catalog(tmp_path)


def test_a_site_that_has_it_reviewed_says_by_whom_and_the_notice_goes(tmp_path):
    text = (KNOWLEDGE / "phrases/es.toml").read_text(encoding="utf-8")
    catalog = site(tmp_path, "phrases/es.toml", text.replace("reviewed = false", 'reviewed = true\nreviewed_by = "A. Pérez, 3 March 2026"'))
    notices = conversation(sample("in-remission"), catalog, "es").notices
    assert not any("traducción" in notice for notice in notices)


def test_a_site_says_its_country_and_how_to_reach_it(tmp_path):
    catalog = site(tmp_path, "help/here.toml", 'country = "es"\n[contact]\nen = "555 0100, on weekdays"\n')
    lines = conversation(sample("in-remission"), catalog, "en").help.lines
    assert "If you are in danger now, call 112." in lines
    assert "You can reach us here: 555 0100, on weekdays." in lines


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("phrases/en.toml", ("{day} it was {score}", "{day} it was {dose}"), r"found the places .*'dose'.* in last_score"),
        ("phrases/en.toml", ('title = "Where you are now"', 'title = "Where {day"'), "in title"),
        ("phrases/en.toml", ("[statuses.too_early]", "[statuses.too_soon]"), "too_soon"),
        ("phrases/en.toml", ('  "When will we know more?",\n', ""), "questions: found"),
        ("phrases/en.toml", ('lower_is_better = "A lower score is better."\n', ""), "lower_is_better: found nothing"),
        ("phrases/es.toml", ("reviewed = false", "reviewed = true"), "only one of `reviewed` and `reviewed_by`"),
        ("phrases/es.toml", ('translated_from = "en"', 'translated_from = "xx"'), "translated_from: found 'xx'; allowed: en, es"),
        ("phrases/es.toml", ("translation_not_reviewed = ", "# "), "found a translation without `translation_not_reviewed`"),
        ("help/here.toml", ("# What", 'country = "atlantis"\n# What'), "country: found 'atlantis'; allowed: "),
        ("help/lines.toml", ('hints = { en = "It', 'hints = { fr = "It'), "found the language 'fr'; allowed: en, es"),
    ],
)
def test_a_sites_mistake_is_named(tmp_path, name, change, words):
    text = (KNOWLEDGE / name).read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(CatalogError, match=words):
        site(tmp_path, name, text.replace(*change, 1))


@pytest.mark.parametrize(("language", "found"), [("es-MX", "es"), ("EN", "en"), ("en_GB", "en")])
def test_a_regional_language_is_read_in_its_own(language, found):
    if "_" in language:
        language = language.replace("_", "-")
    assert page(sample("in-remission"), language).language == found


@pytest.mark.parametrize(
    ("more", "words"),
    [({"language": "fr"}, "language: found 'fr'; allowed: en, es"), ({"country": "fr"}, "country: found 'fr'; allowed: us")],
)
def test_an_unknown_language_or_country_is_named(more, words):
    with pytest.raises(LanguageError, match=words):
        page(sample("in-remission"), **more)


# The page


def test_the_page_and_the_text_say_the_same_in_the_same_order():
    for said in EVERY.values():
        html = (
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", patient_page(said).split("<body>")[1])).replace("&#39;", "'").replace("&amp;", "&")
        )
        place = 0
        for section in (s for s in said.sections if s is not said.help):
            for line in section.lines:
                assert line in html
        for section in said.sections:
            found = html.index(f" {section.title} ", place)
            assert found >= place
            place = found


def test_the_words_of_a_record_are_never_markup():
    html = patient_page(page(hostile()))
    assert "<script" not in html
    assert HOSTILE not in html


def test_the_page_has_landmarks_one_title_labels_and_its_language():
    for language in LANGUAGES:
        html = patient_page(page(sample("losing-ground"), language))
        assert f'<html lang="{language}">' in html
        assert [html.count(tag) for tag in ("<main>", "<header>", "<footer", "<h1>")] == [1, 1, 1, 1]
        for label in re.findall(r'aria-labelledby="([a-z]+)"', html):
            assert f'<h2 id="{label}">' in html
        assert re.search(r'<svg [^>]*role="img" aria-label="[^"]{20,}"', html)
        assert 'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;' in html
        assert not re.search(r"<script|https?://", html)


def luminance(colour):
    colour = colour.lstrip("#")
    colour = "".join(2 * c for c in colour) if len(colour) == 3 else colour
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_text_has_its_contrast_in_light_and_dark_and_nothing_is_red():
    css = patient_page(page(sample("losing-ground"))).split("<style>")[1].split("</style>")[0]
    for theme in re.findall(r":root\{([^}]*)\}", css):
        token = dict(re.findall(r"--([a-z]+):(#[0-9a-f]+)", theme))
        for text, ground in (
            ("ink", "card"),
            ("ink", "page"),
            ("ink", "care"),
            ("muted", "page"),
            ("muted", "card"),
            ("remission", "card"),
        ):
            assert contrast(token[text], token[ground]) >= 4.5
        assert contrast(token["accent"], token["card"]) >= 3
    for colour in set(re.findall(r"#[0-9a-f]{6}", css)):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert red < green + 60 or red < blue + 60


# The command


def run(*arguments):
    return CliRunner().invoke(app, ["conversation", *map(str, arguments), "--on", "last"])


def test_the_command_speaks_the_patients_language_or_the_one_asked_for(tmp_path):
    path = SAMPLES / "in-remission.json"
    assert run(path).stdout.startswith("Where you are now\n")
    assert run(path, "--language", "es").stdout.startswith("Cómo está usted ahora\n")
    spanish = tmp_path / "es.json"
    spanish.write_text(
        path.read_text(encoding="utf-8").replace(
            '"zone": "America/Chicago", "language": "en"', '"zone": "America/Chicago", "language": "es-US"'
        )
    )
    assert run(spanish).stdout.startswith("Cómo está usted ahora\n")


def test_the_command_writes_the_page(tmp_path):
    target = tmp_path / "new" / "page.html"
    result = run(SAMPLES / "losing-ground.json", "--html", target, "--country", "us", "--no-scores")
    assert (result.exit_code, result.stdout) == (0, f"Wrote {target}.\n")
    assert "988" in target.read_text(encoding="utf-8")
    assert "<svg" not in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([SAMPLES], "allowed: one, chosen with --patient"),
        ([SAMPLES / "in-remission.json", "--patient", "nobody"], "found no patient 'nobody'"),
        ([SAMPLES / "in-remission.json", "--language", "fr"], "language: found 'fr'; allowed: en, es"),
        ([SAMPLES / "in-remission.json", "--country", "fr"], "country: found 'fr'; allowed: "),
    ],
)
def test_what_cannot_be_written_is_said(arguments, words):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_there_is_no_page_for_somebody_who_has_died(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(
        '{"schema": "euthymia/record/1", "patient_id": "p", "events": [{"kind": "person", "id": "a", "at": "1960", "died": "2026-01-02"}]}'
    )
    assert "found a patient who has died" in run(path).stderr
