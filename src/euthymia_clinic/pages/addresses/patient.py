"""The addresses of this room."""

from django.urls import path

from euthymia_clinic.pages.views import own_doses
from euthymia_clinic.pages.views import patient as views

addresses = [
    path("my/<str:key>/", views.my_page, name="my_page"),
    path("my/<str:key>/answer/<uuid:checkin_id>/", views.my_page_answer, name="my_page_answer"),
    path("my/<str:key>/doses/", own_doses.my_doses, name="my_doses"),
    path("my/<str:key>/doses/<str:dose_id>/", own_doses.my_dose, name="my_dose"),
    path("my/<str:key>/doses/<str:dose_id>/before/", own_doses.my_dose_before, name="my_dose_before"),
    path("my/<str:key>/doses/<str:dose_id>/kept/", own_doses.my_dose_kept, name="my_dose_kept"),
    path("patients/<uuid:patient_id>/page/", views.patient_link, name="patient_link"),
]
