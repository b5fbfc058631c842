"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import rems

_FORMS = "patients/<uuid:patient_id>/rems/"

# A session's id may hold slashes: what ends in a word of ours comes first.
addresses: list[URLPattern] = [
    path("forms/", rems.rems_all, name="rems_all"),
    path(_FORMS, rems.rems_list, name="rems_list"),
    path(f"{_FORMS}<path:session_id>/form.pdf", rems.rems_as_pdf, name="rems_pdf"),
    path(f"{_FORMS}<path:session_id>/form.json", rems.rems_as_json, name="rems_json"),
    path(f"{_FORMS}<path:session_id>/answers/", rems.rems_answers, name="rems_answers"),
    path(f"{_FORMS}<path:session_id>/submitted/", rems.rems_submitted, name="rems_submitted"),
    path(f"{_FORMS}<path:session_id>/", rems.rems_show, name="rems_form"),
]
