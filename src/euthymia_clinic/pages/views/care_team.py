"""Who takes part in a patient's care, and how a colleague opens the chart when it must be."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from euthymia_clinic.accounts.models import Membership, User
from euthymia_clinic.chart import actions
from euthymia_clinic.chart.actions import CareTeamError
from euthymia_clinic.chart.models import CareTeamMember, Patient
from euthymia_clinic.chart.permissions import CLINICAL, may_change_team, may_see
from euthymia_clinic.pages.access import ClinicRequest, for_breaking_glass, for_care_team


@for_care_team("care team")
@require_safe
def team(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Who takes part, since when, and who opened the chart from outside."""
    return _team(request, patient)


@for_care_team("care team")
@require_POST
def join(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """One more in the care team."""
    said = request.POST.get("user", "")
    user = (
        User.objects.filter(pk=said, memberships__site=patient.site, memberships__ended=None).first()
        if said.isdecimal() and len(said) < 10
        else None
    )
    if user is None:
        return _team(request, patient, trouble="Choose somebody who works here.")
    try:
        actions.join_care_team(request.here.actor, request.here, patient, user)
    except CareTeamError as error:
        return _team(request, patient, trouble=str(error))
    messages.success(request, f"{user.name} is in the care team.")
    return redirect("care_team", patient.pk)


@for_care_team("care team")
@require_POST
def leave(request: ClinicRequest, patient: Patient, user_id: int) -> HttpResponse:
    """One fewer in the care team."""
    member = CareTeamMember.objects.filter(patient=patient, user=user_id, ended=None).select_related("user").first()
    if member is None:
        raise Http404
    try:
        actions.leave_care_team(request.here.actor, request.here, patient, member.user)
    except CareTeamError as error:
        return _team(request, patient, trouble=str(error))
    messages.success(request, f"{member.user.name} is not in the care team any more.")
    # Whoever took themselves out sees the chart no more.
    return redirect("care_team", patient.pk) if may_see(request.here, patient) else redirect("panel")


@for_breaking_glass
@require_http_methods(["GET", "POST"])
def break_glass(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Open the chart of a patient outside of one's care team, with a reason; it is written down."""
    trouble, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            actions.break_glass(request.here.actor, request.here, patient, reason)
        except CareTeamError:
            trouble = f"Say why, in up to {actions.LONGEST_REASON} characters."
        else:
            return redirect("chart", patient.pk)
    shown = {"patient": patient, "trouble": trouble, "reason": reason}
    return render(request, "clinic/break_glass.html", shown, status=400 if trouble else 200)


def _team(request: ClinicRequest, patient: Patient, trouble: str = "") -> HttpResponse:
    members = CareTeamMember.objects.filter(patient=patient, ended=None).select_related("user").order_by("since")
    roles = dict(Membership.objects.filter(site=patient.site, ended=None).values_list("user", "role"))
    others = Membership.objects.filter(site=patient.site, ended=None, role__in=CLINICAL).exclude(user__in=members.values("user"))
    shown = {
        "patient": patient,
        "members": [(member, roles.get(member.user_id, "").replace("_", " ")) for member in members],
        "others": others.select_related("user").order_by("user__name"),
        "may_change": may_change_team(request.here, patient),
        "openings": patient.opened_by.select_related("user").order_by("-at")[:20],
        "tz": patient.site.tz,
        "trouble": trouble,
    }
    return render(request, "clinic/people/care_team.html", shown, status=400 if trouble else 200)
