"""The page: self-contained, escaped, in reading order, with a text alternative."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from core.report.people import HOSTILE, all_samples, hostile, review_of, sample
from euthymia.report.html import page, write_pages
from euthymia.report.tokens import DARK, LIGHT


class Outline(HTMLParser):
    """Tags, attributes and visible text, scripts and styles apart."""

    def __init__(self):
        super().__init__()
        self.tags, self.text, self.hidden = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden and data.strip():
            self.text.append(" ".join(data.split()))


def outline(html):
    parser = Outline()
    parser.feed(html)
    return parser


def test_no_address_outside_the_page():
    for review in all_samples():
        html = page(review)
        addresses = set(re.findall(r"https?://[^\s\"'<>)]+", html))
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/2000/xmlns/"}
        linked = [attrs.get(name, "#") for _, attrs in outline(html).tags for name in ("src", "href")]
        assert all(address.startswith("#") for address in linked)


def test_strict_policy_without_eval_or_inline():
    html = page(sample("in-remission"))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src &#39;none&#39;")
    assert "unsafe" not in policy
    assert not [tag for tag, attrs in outline(html).tags if "style" in attrs or any(name.startswith("on") for name in attrs)]


def test_reading_order():
    text = " | ".join(outline(page(sample("losing-ground"))).text)
    parts = "PHQ-9 item 9, Losing ground:, PHQ-9 4 or lower on, lower is better, Symptoms, What is left, Safety, Due, What this rests on"
    parts = [*parts.split(", "), "Ratings", "Treatment and decisions", "euthymia 0.1.0"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_everything_of_a_record_is_escaped():
    html = page(hostile())
    parsed = outline(html)
    assert [tag for tag, _ in parsed.tags].count("script") == 2
    assert "alert(1)" not in re.sub(r"&lt;script&gt;alert\(1\)|\\u003cscript\\u003ealert\(1\)", "", html)
    specs = re.search(r'<script type="application/json" id="specs">(.*?)</script>', html, re.S)[1]
    assert HOSTILE in json.dumps(json.loads(specs), ensure_ascii=False).replace('\\"', '"')


def test_says_that_nobody_adopted_the_content_and_that_the_prescriber_decides():
    text = " ".join(outline(page(sample("in-remission"))).text)
    assert "This content has not been adopted by this site." in text
    assert "the prescriber decides" in text


def test_the_table_holds_every_rating_of_the_chart():
    review = sample("holding-above-remission")
    html = page(review)
    table = html[html.index('id="ratings"') : html.index('id="history"')]
    assert table.count("<tr>") - 1 == len(review.episode.ratings)


def test_headings_follow_each_other():
    levels = [int(tag[1]) for tag, _ in outline(page(sample("in-remission"))).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_without_a_primary_instrument_there_is_a_page_without_a_chart():
    html = page(review_of([{"kind": "assessment", "id": "a", "at": "2026-01-05", "instrument": "isi", "total": 12}], date(2026, 1, 6)))
    assert "Cannot tell" in html
    assert 'id="chart"' not in html


def test_many_are_a_folder_worst_first(tmp_path):
    index = write_pages(all_samples(), tmp_path / "out")
    text = index.read_text(encoding="utf-8")
    assert text.index("Synthetic 0093") < text.index("Synthetic 0147") < text.index("Synthetic 0012")
    for address in re.findall(r'href="([^"]+)"', text):
        assert (index.parent / address).is_file()
    assert (index.parent / "chart.js").stat().st_size > 100_000
    assert all(path.stat().st_size < 250_000 for path in index.parent.glob("0*.html"))


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("tokens", "block"), [(LIGHT, 0), (DARK, 1)])
def test_contrast_is_at_least_four_and_a_half(tokens, block):
    css = page(sample("in-remission"))
    tints = dict(re.findall(r"--([a-z-]+)-tint:(#[0-9a-f]{6})", re.findall(r":root\{([^}]*)\}", css)[block]))
    for name in ("remission", "holding", "not-improving", "losing"):
        colour = getattr(tokens, name.replace("-", "_"))
        assert _contrast(colour, tints[name]) >= 4.5
        assert _contrast(colour, tokens.card) >= 4.5
    assert _contrast(tokens.accent, tints["moving"]) >= 4.5
    assert _contrast(tokens.muted, tints["plain"]) >= 4.5
    assert min(_contrast(tokens.muted, tokens.page), _contrast(tokens.muted, tokens.card), _contrast(tokens.accent, tokens.card)) >= 4.5


def test_the_page_has_the_colours_of_the_tokens():
    css = page(sample("in-remission"))
    for block, tokens in zip(re.findall(r":root\{([^}]*)\}", css), (LIGHT, DARK), strict=False):
        found = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", block))
        for name in ("ink", "muted", "page", "line", "accent", "remission", "holding", "losing"):
            assert found[name] == getattr(tokens, name)
