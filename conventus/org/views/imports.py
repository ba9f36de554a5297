"""The import, step by step: upload, report, confirm, progress, result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core import clock
from conventus.core import jobs as core_jobs
from conventus.core.files import clean_name
from conventus.core.models import Job, User
from conventus.core.reads import job_for
from conventus.core.rules import Refusal
from conventus.core.views import me
from conventus.core.words import shown
from conventus.org import reads, uploads
from conventus.org.forms.imports import UploadForm
from conventus.org.imports.columns import KINDS
from conventus.org.imports.files import read
from conventus.org.imports.people import plan_people
from conventus.org.imports.report import Report, rejects_csv
from conventus.org.imports.templates import template_file
from conventus.org.imports.units import plan_units
from conventus.org.jobs import KIND
from conventus.org.models import Unit
from conventus.org.views.common import crumbs

SHOWN = 200
"""How many rejected cells the page shows; the file has all."""


def begin(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Choose a file with units below this one, or with its people."""
    reader = me(request)
    unit = _importable(reader, pk, kind)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("org:import_report", _kept(reader, unit, kind, form).token)
        except Refusal as refusal:
            form.refuse(refusal)
    context = {
        "unit": unit,
        "kind": kind,
        "form": form,
        "columns": _columns(kind),
        "breadcrumbs": crumbs(reader, unit, (_title(kind), "")),
        "title": _title(kind),
    }
    status = 422 if form.is_bound and (form.errors or form.refusals) else 200
    return render(request, "org/import_begin.html", context, status=status)


def _importable(reader: User, pk: int, kind: str) -> Unit:
    if kind not in KINDS:
        raise Http404
    return reads.unit_for(reader, pk, "org.import")


def _title(kind: str) -> str:
    return _("Import units") if kind == "units" else _("Import people")


def _columns(kind: str) -> list[dict[str, Any]]:
    columns = KINDS[kind]
    return [
        {"name": name, "required": name in columns.required, "others": columns.others(name)} for name in columns.names
    ]


def _kept(reader: User, unit: Unit, kind: str, form: UploadForm) -> uploads.Upload:
    """The upload, kept once it can be read as a table with the columns that must be there."""
    file, encoding = form.cleaned_data["file"], form.cleaned_data["encoding"]
    name, content = clean_name(file.name), file.read()
    try:
        read(name, content, KINDS[kind], encoding)
    except Refusal as refusal:
        refusal.field = "file"
        raise
    return uploads.keep(reader, unit=unit.pk, kind=kind, name=name, content=content, encoding=encoding)


# The report -------------------------------------------------------------------------------------------------------


@require_GET
def report(request: HttpRequest, token: str) -> HttpResponse:
    """What is in the uploaded file and what an import would do; after it, what came of it."""
    reader = me(request)
    upload = uploads.upload_for(reader, token)
    unit = _importable(reader, upload.unit, upload.kind)
    job = job_for(reader, upload.job) if upload.job else None
    if job and job.state in (Job.State.WAITING, Job.State.RUNNING):
        return redirect("core:job", job.pk)
    context = {
        "unit": unit,
        "upload": upload,
        "title": _title(upload.kind),
        "breadcrumbs": crumbs(reader, unit, (_title(upload.kind), "")),
        "refusals": [part for one in core_jobs.refusals_in(job.result) for part in shown(one)] if job else [],
    }
    if upload.counts:
        context |= {"counts": upload.counts, "has_rejects": upload.rejects.is_file()}
        return render(request, "org/import_done.html", context)
    found = judged(upload, unit)
    context |= {"report": found, "rejects": found.rejects[:SHOWN], "hidden": max(0, len(found.rejects) - SHOWN)}
    context["facts"] = _facts(found)
    return render(request, "org/import_report.html", context)


def judged(upload: uploads.Upload, unit: Unit) -> Report:
    """The report on an upload as things stand now; nothing is written."""
    sheet = upload.sheet()
    if upload.kind == "units":
        return plan_units(unit.organisation, unit, sheet).report
    return plan_people(unit.organisation, unit, sheet, clock.today()).report


def _facts(found: Report) -> list[tuple[str, Any]]:
    sheet = found.sheet
    rows = [
        (_("File"), sheet.name),
        (_("Format"), sheet.format.upper()),
        (_("Text encoding found"), sheet.encoding.upper()),
        (_("Delimiter found"), _delimiter(sheet.delimiter)),
        (_("Columns found"), ", ".join(_heading(name, heading) for name, heading in sheet.columns.items())),
        (_("Columns without a meaning here"), ", ".join(sheet.unknown)),
        (_("SHA-256"), sheet.sha256),
    ]
    return [(term, value) for term, value in rows if value]


def _heading(name: str, heading: str) -> str:
    return name if name == heading else f"{heading} → {name}"


def _delimiter(sign: str) -> str:
    names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
    return names.get(sign, sign)


@require_GET
def rejects(request: HttpRequest, token: str) -> HttpResponse:
    """The rejected rows with their reasons, to be corrected and uploaded again."""
    reader = me(request)
    upload = uploads.upload_for(reader, token)
    unit = _importable(reader, upload.unit, upload.kind)
    if upload.counts:
        if not upload.rejects.is_file():
            raise Http404
        text = upload.rejects.read_text(encoding="utf-8")
    else:
        text = rejects_csv(judged(upload, unit))
    return _file(text.encode(), "text/csv; charset=utf-8", f"rejects-{upload.name.rpartition('.')[0]}.csv")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response


# Confirm or throw away --------------------------------------------------------------------------------------------


@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Bring the file in, beside the pages; the next page shows how far it is."""
    reader = me(request)
    upload = uploads.upload_for(reader, token)
    unit = _importable(reader, upload.unit, upload.kind)
    job = job_for(reader, upload.job) if upload.job else None
    if upload.counts or (job and job.state in (Job.State.WAITING, Job.State.RUNNING)):
        return redirect("org:import_report", token)
    skip_bad = request.POST.get("skip_bad") == "1"
    row = core_jobs.ask(
        reader, KIND, unit, lock=f"org.import:{unit.organisation_id}", token=upload.token, skip_bad=skip_bad
    )
    upload.job = row.pk
    upload.save()
    return redirect("core:job", row.pk)


@require_POST
def discard(request: HttpRequest, token: str) -> HttpResponse:
    """Throw the uploaded file away."""
    reader = me(request)
    upload = uploads.upload_for(reader, token)
    upload.discard()
    messages.success(request, _("The uploaded file is removed."))
    return redirect("org:unit", upload.unit)


@require_GET
def template(request: HttpRequest, kind: str, ending: str) -> HttpResponse:
    """An empty file with the right headings and an example row."""
    if kind not in KINDS or ending not in ("csv", "xlsx"):
        raise Http404
    content, media_type = template_file(kind, ending)
    return _file(content, media_type, f"{kind}-template.{ending}")
