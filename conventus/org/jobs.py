"""Long work of the room: imports and reorganisations that a page has asked for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from conventus.core.jobs import Progress, job
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.org import actions, uploads
from conventus.org.imports.report import Report, rejects_csv
from conventus.org.models import ReorganisationPlan, Unit

refusal_texts("org", {"upload_gone": N_("The uploaded file is no longer here. Upload it again.")})

VERBS = {"units": actions.import_units, "people": actions.import_people}
KIND = "org.import"
REORGANISE = "org.reorganise"


@job(KIND, N_("Import"))
def bring_in(actor: User, progress: Progress, *, token: str, skip_bad: bool) -> dict[str, Any]:
    """Import an uploaded file; it is removed afterwards, and only the rejected rows are kept for a week."""
    upload = uploads.upload_with(token)
    if upload is None or upload.user != actor.pk or not upload.content.is_file():
        raise Refusal("org.upload_gone")
    with translation.override(actor.language or settings.LANGUAGE_CODE):
        unit = Unit.objects.select_related("organisation").get(pk=upload.unit)
        report = VERBS[upload.kind](actor, unit, sheet=upload.sheet(), skip_bad=skip_bad, progress=progress)
        _put_away(upload, report)
    return {**report.counts(), "next": reverse("org:import_report", args=[token])}


def _put_away(upload: uploads.Upload, report: Report) -> None:
    if report.rejects:
        upload.rejects.touch(mode=0o600)
        upload.rejects.write_text(rejects_csv(report), encoding="utf-8", newline="")
    upload.content.unlink()
    upload.counts = report.counts()
    upload.save()


@job(REORGANISE, N_("Reorganisation"))
def reorganise(actor: User, progress: Progress, *, plan: int) -> dict[str, Any]:
    """Let a large plan take effect."""
    row = ReorganisationPlan.objects.select_related("organisation", "unit__organisation").get(pk=plan)
    with translation.override(actor.language or settings.LANGUAGE_CODE):
        actions.apply_plan(actor, row, progress=progress)
    return {"changed": row.outcome["changed"], "next": reverse("org:plan", args=[plan])}
