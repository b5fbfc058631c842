"""How instruments are asked: the published wording in each language, whole or not at all."""

import pytest

from euthymia.asking import can_be_asked, language_of, questions
from euthymia.instrument import Instrument
from euthymia.knowledge_file import CatalogError
from euthymia.loading import load_catalog

CATALOG = load_catalog()
STEM = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"


def test_only_what_has_its_wording_here_can_be_asked():
    assert {each.id for each in CATALOG.instruments.values() if can_be_asked(each)} == {"phq9", "gad7"}
    with pytest.raises(ValueError, match="whose wording is not here"):
        questions(CATALOG.instruments["who5"], "en")


@pytest.mark.parametrize("instrument", ["phq9", "gad7"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_item_has_its_text_and_every_answer_its_label(instrument, language):
    found = questions(CATALOG.instruments[instrument], language)
    assert [q.item for q in found] == [item.id for item in CATALOG.instruments[instrument].items]
    assert all(q.text and q.stem and [value for value, _ in q.answers] == [0, 1, 2, 3] for q in found)
    assert len({q.text for q in found}) == len(found)


def test_the_wording_is_the_published_one():
    english, spanish = (questions(CATALOG.instruments["phq9"], language) for language in ("en-US", "es-MX"))
    assert english[0].stem == STEM
    assert spanish[8].text == "Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera"
    assert [label for _, label in spanish[0].answers] == ["Ningún día", "Varios días", "Más de la mitad de los días", "Casi todos los días"]
    assert language_of(CATALOG.instruments["phq9"], "fr") == "en"


def test_only_item_9_is_one_that_somebody_must_see():
    found = questions(CATALOG.instruments["phq9"], "es")
    assert [q.item for q in found if q.trigger is not None] == ["9"]
    assert [found[8].is_positive(answer) for answer in (None, 0, 1, 3)] == [False, False, True, True]
    assert not found[0].is_positive(3)


def changed(**said):
    body = CATALOG.instruments["gad7"].model_dump()
    body["translations"]["es"] |= said
    return body


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"items": {"1": "Una"}}, "items missing or too many: 2, 3, 4, 5, 6, 7"),
        ({"answers": {"0": "No"}}, "answers"),
        ({"stem": None}, "a stem only in one"),
        ({"items": {str(n): " " for n in range(1, 8)}}, "an empty text"),
    ],
)
def test_a_translation_is_whole_or_refused(said, words):
    with pytest.raises(ValueError, match=words):
        Instrument.model_validate(changed(**said))


def test_a_wording_that_may_not_be_shipped_is_refused():
    body = CATALOG.instruments["gad7"].model_dump()
    body["licence"] = {**body["licence"], "ship_item_text": False}
    with pytest.raises(ValueError, match="a stem or translations"):
        Instrument.model_validate(body | {"items": tuple({**item, "text": None} for item in body["items"])})


def test_a_site_licenses_an_instrument_with_its_translation(tmp_path):
    for name in ("whole", "half"):
        (tmp_path / name / "texts").mkdir(parents=True)
    items = "\n".join(f'{n} = "Item {n}"' for n in range(1, 6))
    labels = "\n".join(f'{n} = "Label {n}"' for n in range(6))
    said = f'licence = "Ours"\nstem = "Above"\n[items]\n{items}\n[answers]\n{labels}\n'
    spanish = '[translations.es]\nversion = "ours"\nstem = "Arriba"\nstatus = "design"\nnote = "site"\n'
    spanish += f"[translations.es.items]\n{items}\n[translations.es.answers]\n{labels}\n"
    (tmp_path / "whole" / "texts" / "who5.toml").write_text(said + spanish)
    who5 = load_catalog(tmp_path / "whole").instruments["who5"]
    assert can_be_asked(who5)
    assert questions(who5, "es")[0].stem == "Arriba"
    (tmp_path / "half" / "texts" / "who5.toml").write_text(said + spanish.replace('1 = "Item 1"\n', ""))
    with pytest.raises(CatalogError, match="items missing"):
        load_catalog(tmp_path / "half")
