"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import account, care_team, people

addresses: list[URLPattern] = [
    path("account/", account.account, name="account"),
    path("account/site/", account.choose_site, name="choose_site"),
    path("locked/", account.lock, name="lock"),
    path("locked/unlock/", account.unlock, name="unlock"),
    path("locked/back/", account.unlocked, name="unlocked"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="person_invite"),
    path("people/<int:user_id>/role/", people.role, name="person_role"),
    path("people/<int:user_id>/end/", people.end, name="person_end"),
    path("people/<int:user_id>/second-step/", people.second_factor, name="person_second_factor"),
    path("people/<int:user_id>/link/", people.link, name="person_link"),
    path("people/on-call/", people.on_call, name="on_call"),
    path("people/openings/", people.openings, name="openings"),
    path("patients/<uuid:patient_id>/team/", care_team.team, name="care_team"),
    path("patients/<uuid:patient_id>/team/join/", care_team.join, name="care_team_join"),
    path("patients/<uuid:patient_id>/team/<int:user_id>/leave/", care_team.leave, name="care_team_leave"),
    path("patients/<uuid:patient_id>/open/", care_team.break_glass, name="break_glass"),
]
