"""Pages of the core: preferences, rules, the minute book, jobs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core import jobs, packs, reads
from conventus.core.book import sealed
from conventus.core.forms import BookFilter, PreferencesForm
from conventus.core.models import Entry, User
from conventus.core.rights import held_by, scopes
from conventus.core.words import shown


def me(request: HttpRequest) -> User:
    """The signed-in account; every page but the login asks for one."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def preferences(request: HttpRequest) -> HttpResponse:
    """The language of one's own account; it is its own affair and leaves no line in the book."""
    form = PreferencesForm(request.POST or None, instance=me(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("core:preferences")
    return render(request, "core/preferences.html", {"form": form, "grants": held_by(me(request))})


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """What the packs say, value by value, with clause and confidence; searched by name, clause or note."""
    keys = sorted({held.pack for held in held_by(me(request)) if held.pack}) or packs.known()
    key = request.GET.get("pack", keys[0])
    if key not in packs.known():
        raise Http404
    pack, sought = packs.load(key), request.GET.get("q", "").strip().casefold()
    rows = [row for row in _rule_rows(pack) if sought in row["sought"]]
    context = {"pack": pack, "packs": packs.known(), "rows": rows, "q": request.GET.get("q", "")}
    return render(request, "core/rules.html", context)


def _rule_rows(pack: packs.Pack) -> list[dict[str, Any]]:
    rows = []
    for name, rule in sorted(pack.rules().items()):
        for value in rule.values:
            document = pack.documents.get(value.cite.document)
            title = document.title if document else ""
            sought = f"{name} {value.cite} {value.note} {title} {value.confidence}".casefold()
            rows.append(
                {"name": name, "value": value, "title": title, "sought": sought, "room": name.partition(".")[0]}
            )
    return rows


@require_GET
def book(request: HttpRequest) -> HttpResponse:
    """The minute book as far as the reader may see it, newest first."""
    if not scopes(me(request), "core.view_book"):
        raise Http404
    form = BookFilter(request.GET)
    entries = reads.entries_of(me(request))
    if form.is_valid():
        entries = _filtered(entries, form.cleaned_data)
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    return render(request, "core/book.html", {"page": page, "form": form, "query": _query(request)})


def _filtered(entries: QuerySet[Entry], wanted: dict[str, Any]) -> QuerySet[Entry]:
    if q := wanted["q"]:
        entries = entries.filter(Q(action__icontains=q) | Q(actor__full_name__icontains=q) | Q(office__icontains=q))
    if code := wanted["unit"]:
        entries = entries.filter(unit__code=code)
    if wanted["since"]:
        entries = entries.filter(at__date__gte=wanted["since"])
    if wanted["until"]:
        entries = entries.filter(at__date__lte=wanted["until"])
    return entries


def _query(request: HttpRequest) -> str:
    return urlencode({key: value for key, value in request.GET.items() if key != "page"})


@require_GET
def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """One line of the book, with its seal and whether it still holds."""
    line = get_object_or_404(reads.entries_of(me(request)), seq=seq)
    previous = Entry.objects.filter(seq=seq - 1).first()
    holds = sealed(line) == line.hash and line.prev_hash == (previous.hash if previous else "")
    fields = [(key, line.before.get(key), line.after.get(key)) for key in {**line.before, **line.after}]
    return render(request, "core/entry.html", {"line": line, "holds": holds, "fields": fields})


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a job is; the page asks again until it has ended."""
    row = reads.job_for(me(request), pk)
    context = {
        "job": row,
        "name": _(jobs.NAMES.get(row.kind, row.kind)),
        "where": jobs.where(row),
        "figures": [
            (_(jobs.RESULTS.get(key, key)), value) for key, value in row.result.items() if isinstance(value, int)
        ],
        "refusals": [part for one in jobs.refusals_in(row.result) for part in shown(one)],
    }
    template = "core/job_progress.html" if request.headers.get("HX-Request") else "core/job.html"
    return render(request, template, context)


@require_POST
def stop_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask one's own job to stop."""
    row = reads.job_for(me(request), pk)
    jobs.stop(row)
    return redirect("core:job", pk=row.pk)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: of the account when there is one, and of the browser."""
    from django.views.i18n import set_language as in_cookie

    code = request.POST.get("language", "")
    if isinstance(request.user, User) and code in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return in_cookie(request)
