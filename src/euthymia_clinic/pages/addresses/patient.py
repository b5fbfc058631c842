"""The addresses of this room."""

from django.urls import path

from euthymia_clinic.pages.views import patient as views

addresses = [
    path("my/<str:key>/", views.my_page, name="my_page"),
    path("my/<str:key>/answer/<uuid:checkin_id>/", views.my_page_answer, name="my_page_answer"),
    path("patients/<uuid:patient_id>/page/", views.patient_link, name="patient_link"),
]
