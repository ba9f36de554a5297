"""One stack of scans at work: filled from folders, uploads and feeders, watched while it is read, completed."""

from __future__ import annotations

import secrets
import shutil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.base import File
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from conventus.core.files import clean_name
from conventus.core.jobs import refusals_in, under_way, where
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.core.views import me
from conventus.core.words import shown
from conventus.elections import actions, jobs, reads
from conventus.elections.forms.scanning import FeedForm
from conventus.elections.models import PaperForm, ScanBatch
from conventus.elections.scans import devices
from conventus.elections.scans.folder import Folder
from conventus.elections.scans.reading import end_reading, is_read, progress_of
from conventus.elections.scans.words import harmless, reason_words
from conventus.elections.views.page import Crumbs, ballot_crumbs, contest_crumbs, posted

refusal_texts(
    "elections",
    {
        "scans_too_large": N_("These files have more than %(limit)s GB. Upload them in parts, or use the folder."),
        "no_room": N_("The disk has no room for %(size)s MB. Free it, or let the scanner write to another machine."),
        "stack_not_open": N_("Stack %(stack)s takes no more scans. Open another one."),
        "no_late_files": N_("No file came too late for stack %(stack)s."),
    },
)

MB = 1024 * 1024
SPARE = 200 * MB
"""Room on the disk that an upload leaves for what the reading writes."""
FILLING = (ScanBatch.State.OPEN, ScanBatch.State.READING)
ACCEPT = ".pdf,.tif,.tiff,.jpg,.jpeg,.png,.bmp,.webp,.pnm,.pgm"


def home_of(paper: PaperForm) -> str:
    """The page that lists the stacks of a paper: the ballot's, or the trials of the contest."""
    if paper.ballot_id:
        return reverse("elections:scan", args=[paper.ballot_id])
    return reverse("elections:trials", args=[paper.contest_id])


def crumbs_of(paper: PaperForm, *steps: tuple[Any, str]) -> Crumbs:
    """The way to the stacks of a paper and below."""
    if paper.ballot:
        return ballot_crumbs(paper.ballot, (_("Scan"), home_of(paper)), *steps)
    return contest_crumbs(paper.contest, (_("Trial count"), home_of(paper)), *steps)


def stack_title(batch: ScanBatch) -> str:
    """“Stack 3: Delegation North”."""
    title = _("Stack %(number)s") % {"number": batch.number}
    return f"{title}: {batch.label}" if batch.label else title


# What a stack shows of itself ---------------------------------------------------------------------


def stack_row(batch: ScanBatch) -> dict[str, Any]:
    """A stack with its figures, as it is read or as it was taken in."""
    stack, folder = reads.stack_of(batch), Folder(batch.directory)
    filling = batch.state in FILLING
    found = progress_of(folder) if filling else {}
    states = found.get("states", batch.states)
    refused = found.get("refused", batch.refused)
    sides = sum(number for state, number in states.items() if state != "blank")
    return {
        "batch": batch,
        "live": filling and _is_live(batch, folder),
        "complete": filling and folder.complete.exists(),
        "pages": sum(states.values()),
        "states": {key: states.get(key, 0) for key in ("read", "review", "foreign", "unreadable", "blank")},
        "for_people": states.get("review", 0) + states.get("unreadable", 0) if filling else stack.for_people,
        "foreign": states.get("foreign", 0) if filling else stack.foreign,
        "papers": sides // batch.form.pages if filling else stack.papers,
        "waiting": found.get("waiting", 0),
        "refused": [_refused_row(name, reason) for name, reason in refused],
        "missing": stack.missing,
        "surplus": -stack.missing if stack.missing is not None and stack.missing < 0 else 0,
        "late": stack.late,
    }


def _is_live(batch: ScanBatch, folder: Folder) -> bool:
    job = jobs.reading_of(batch)
    return is_read(folder) or (job is not None and under_way(job))


def _refused_row(name: str, reason: str) -> dict[str, Any]:
    words, advice = reason_words(reason)
    return {"name": name, "words": words, "advice": advice, "harmless": harmless(reason)}


@require_GET
def stack(request: HttpRequest, pk: int) -> HttpResponse:
    """A stack: how far its reading is, how to fill it, what was refused; its figures once it is taken in."""
    reader = me(request)
    batch = reads.batch_for(reader, pk)
    if batch.form.ballot and reads.evidence_of(batch.form.ballot):
        return redirect("elections:evidence", pk=batch.form.ballot.pk)
    row = stack_row(batch)
    context = {
        **row,
        "title": stack_title(batch),
        "home": home_of(batch.form),
        "inbox": Folder(batch.directory).inbox,
        "source": _source_of(batch),
        "filling": batch.state in FILLING,
        "sane": devices.installed(),
        "feeding": _feeding_row(batch),
        "trouble": [] if row["live"] else _trouble(batch),
        "accept": ACCEPT,
        "breadcrumbs": crumbs_of(batch.form, (stack_title(batch), "")),
    }
    template = "elections/scan_progress.html" if request.headers.get("HX-Request") else "elections/scan_stack.html"
    return render(request, template, context)


def _source_of(batch: ScanBatch) -> str:
    """The folder of the scanner that fills the stack, besides its own."""
    job = jobs.reading_of(batch)
    name = job.arguments.get("source", "") if job else ""
    return next((str(path) for path in jobs.scanner_folders() if path.name == name), "")


def _feeding_row(batch: ScanBatch) -> dict[str, Any] | None:
    job = jobs.feeding_of(batch)
    if job is None:
        return None
    refusals = [part for one in refusals_in(job.result) for part in shown(one)]
    return {"job": job, "live": job.state in jobs.LIVE, "pages": where(job)["done"], "refusals": refusals}


def _trouble(batch: ScanBatch) -> list[dict[str, object]]:
    """Why the last reading stopped, as long as the stack is not taken in."""
    job = jobs.reading_of(batch)
    if batch.state not in FILLING or job is None:
        return []
    return [part for one in refusals_in(job.result) for part in shown(one)]


# Working on it ------------------------------------------------------------------------------------


def _open_stack_for(request: HttpRequest, pk: int) -> tuple[User, ScanBatch]:
    reader = me(request)
    batch = reads.batch_for(reader, pk)
    if batch.state not in FILLING:
        raise Refusal("elections.stack_not_open", stack=batch)
    return reader, batch


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a stack, or go on with it after an interruption."""
    reader, batch = _open_stack_for(request, pk)
    _keep_reading(reader, batch)
    return redirect("elections:stack", pk=batch.pk)


def _keep_reading(reader: User, batch: ScanBatch) -> None:
    """Ask for the reading unless it is under way; it draws from the same scanner as before."""
    job = jobs.reading_of(batch)
    if not _is_live(batch, Folder(batch.directory)):
        jobs.ask_to_read(reader, batch, job.arguments.get("source", "") if job else "")


@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that all ballots of the stack went through the scanner: what is there is read to the end and taken in."""
    reader, batch = _open_stack_for(request, pk)
    Folder(batch.directory).prepare(batch.form.layout)
    Folder(batch.directory).complete.touch()
    _keep_reading(reader, batch)
    return redirect("elections:stack", pk=batch.pk)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the reading for now; nothing that was read is lost."""
    _reader, batch = _open_stack_for(request, pk)
    folder = Folder(batch.directory)
    folder.complete.unlink(missing_ok=True)
    end_reading(folder)
    return redirect("elections:stack", pk=batch.pk)


@require_POST
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Add files to a stack, unless they are too large or the disk has no room for what the reading makes of them."""
    reader, batch = _open_stack_for(request, pk)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > settings.SCANS_LIMIT:
        raise Refusal("elections.scans_too_large", limit=settings.SCANS_LIMIT // (1024 * MB))
    if shutil.disk_usage(settings.VAR).free < 2 * size + SPARE:
        raise Refusal("elections.no_room", size=size // MB)
    _take_files(request, Folder(batch.directory), batch)
    _keep_reading(reader, batch)
    return redirect("elections:stack", pk=batch.pk)


def _take_files(request: HttpRequest, folder: Folder, batch: ScanBatch) -> None:
    folder.prepare(batch.form.layout)
    files = request.FILES.getlist("files")
    fresh = sum(_added(folder, one) for one in files)
    if fresh:
        words = ngettext("%(number)s file was added.", "%(number)s files were added.", fresh)
        messages.success(request, words % {"number": fresh})
    if known := len(files) - fresh:
        words = ngettext("%(number)s file was there already.", "%(number)s files were there already.", known)
        messages.info(request, words % {"number": known})
    if not files:
        messages.warning(request, _("Choose the files first."))


def _added(folder: Folder, uploaded: File[Any]) -> bool:
    """Whether the file is new; the same file twice is one."""
    name = clean_name(uploaded.name or "")
    draft = folder.inbox / f".{secrets.token_hex(8)}"
    with draft.open("wb") as file:
        for chunk in uploaded.chunks():
            file.write(chunk)
    return folder.take(draft, name) is not None


def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a scanner of this machine empty its feeder into the stack."""
    reader, batch = _open_stack_for(request, pk)
    form = FeedForm(posted(request), found=devices.devices(), initial={"both_sides": batch.form.pages > 1})
    if request.method == "POST" and form.is_valid():
        _keep_reading(reader, batch)
        found = form.cleaned_data
        jobs.ask_to_feed(reader, batch, found["device"], both_sides=found["both_sides"])
        return redirect("elections:stack", pk=batch.pk)
    context = {
        "batch": batch,
        "form": form,
        "title": stack_title(batch),
        "sane": devices.installed(),
        "breadcrumbs": crumbs_of(batch.form, (stack_title(batch), ""), (_("Scanner"), "")),
    }
    return render(request, "elections/scan_feed.html", context, status=422 if form.errors else 200)


@require_POST
def move_late(request: HttpRequest, pk: int) -> HttpResponse:
    """Put files that came after a stack was complete into a new one."""
    reader = me(request)
    batch = reads.batch_for(reader, pk)
    late = Folder(batch.directory).late() if batch.state == ScanBatch.State.READ else []
    if not late:
        raise Refusal("elections.no_late_files", stack=batch)
    opener = actions.open_batch if batch.form.ballot_id else actions.open_trial
    fresh = opener(reader, batch.form, label=_("late for stack %(number)s") % {"number": batch.number})
    jobs.ask_to_read(reader, fresh)
    for path in late:
        Folder(fresh.directory).take(path)
    Folder(batch.directory).forget()
    return redirect("elections:stack", pk=fresh.pk)
