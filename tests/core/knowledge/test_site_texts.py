"""A site's own folder: wording that it has licensed, references and files of its own. Nothing shipped is changed."""

from euthymia.knowledge_file import KNOWLEDGE
from euthymia.loading import load_catalog

MADRS = """
licence = "Contract 7 with the holder of the rights"

[items]
1 = "Wording of the first item"
10 = "Wording of the tenth item"

[answers]
0 = "Not present"
6 = "Extreme"
"""


def site(tmp_path, name, text):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    return load_catalog(tmp_path)


def test_a_site_supplies_the_wording_that_it_has_licensed(tmp_path):
    madrs = site(tmp_path, "texts/madrs.toml", MADRS).instrument("madrs")
    texts = {item.id: item.text for item in madrs.items if item.text}
    assert texts == {"1": "Wording of the first item", "10": "Wording of the tenth item"}
    assert madrs.answers == {"0": "Not present", "6": "Extreme"}
    assert madrs.licence.terms == "supplied by the site: Contract 7 with the holder of the rights"
    assert madrs.licence.ship_item_text


def test_the_shipped_catalog_stays_without_it(tmp_path):
    site(tmp_path, "texts/madrs.toml", MADRS)
    assert all(item.text is None for item in load_catalog().instrument("madrs").items)


def test_scoring_does_not_change_with_the_wording(tmp_path):
    licensed, shipped = site(tmp_path, "texts/madrs.toml", MADRS).instrument("madrs"), load_catalog().instrument("madrs")
    assert (licensed.bands, licensed.scoring, licensed.changes) == (shipped.bands, shipped.scoring, shipped.changes)


def test_the_digest_is_that_of_the_merge(tmp_path):
    assert site(tmp_path, "texts/madrs.toml", MADRS).digest != load_catalog().digest


def test_a_site_adds_references_and_keeps_the_shipped_ones(tmp_path):
    own = '[our_audit_2026]\ncitation = "Our audit"\nseen = "full"\n\n[lowe_2004]\ncitation = "Löwe 2004, read here"\nseen = "full"\n'
    references = site(tmp_path, "references.toml", own).references
    assert references["our_audit_2026"].citation == "Our audit"
    assert references["lowe_2004"].seen == "full"
    assert "kroenke_2001" in references


def test_a_site_replaces_a_file_by_its_name(tmp_path):
    shipped = (KNOWLEDGE / "outcomes/cms159.toml").read_text(encoding="utf-8")
    catalog = site(tmp_path, "outcomes/cms159.toml", shipped.replace("at_most = 4", "at_most = 3"))
    assert catalog.definitions["cms159"].remission["phq9"].at_most == 3
    assert load_catalog().definitions["cms159"].remission["phq9"].at_most == 4
