"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import effect, exports, governance, site

addresses: list[URLPattern] = [
    path("knowledge/", governance.knowledge, name="knowledge"),
    path("knowledge/value/", governance.site_value, name="site_value"),
    path("knowledge/file/", governance.site_file, name="site_file"),
    path("knowledge/effect/", effect.effect, name="effect"),
    path("knowledge/effect/part/", effect.effect_part, name="effect_part"),
    path("knowledge/adopt/", governance.adopt_version, name="adopt"),
    path("site/", site.site_settings, name="site_settings"),
    path("site/export/", exports.site_export, name="site_export"),
    path("patients/<uuid:patient_id>/export/", exports.export, name="export"),
]
