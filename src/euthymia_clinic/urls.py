"""The table of contents: every address of the clinic."""

from django.urls import include, path, re_path

from euthymia_clinic.pages.views.trouble import closed

urlpatterns = [
    # People are invited, by one address each: what allauth offers beyond that is closed.
    re_path(r"^accounts/(?:signup|email|confirm-email|login/code)/", closed),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("euthymia_clinic.pages.urls")),
]

handler400 = "euthymia_clinic.pages.views.trouble.bad_request"
handler403 = "euthymia_clinic.pages.views.trouble.forbidden"
handler404 = "euthymia_clinic.pages.views.trouble.not_found"
handler429 = "euthymia_clinic.pages.views.trouble.too_many"
handler500 = "euthymia_clinic.pages.views.trouble.server_error"
