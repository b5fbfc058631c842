"""Titration and what was tried at once, in the clinic: on the chart and beside the decision; never where the patient reads."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_the_chart_shows_both_beside_the_decision(patient, owner, signed_in):
    said = signed_in(owner).get(reverse("chart", args=(patient.pk,))).content.decode()
    assert said.index('id="combination-title"') < said.index('id="titration-title"')
    assert "The improvement cannot be credited to one of them." in said
    assert "A higher dose:" in said


def test_the_form_of_a_decision_says_what_holds_a_higher_dose_back(patient, owner, signed_in):
    said = signed_in(owner).get(reverse("decide", args=(patient.pk,)), headers={"hx-request": "true"}).content.decode()
    part = said[said.index('data-when="titrate"') :]
    assert "A higher dose:" in part[: part.index("</div>")]
