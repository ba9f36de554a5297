"""The declared result for the hall: a page without anything else on it, and slides as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from conventus.core.views import me
from conventus.elections import reads
from conventus.elections.models import Ballot
from conventus.elections.record.slide import SlideFacts, pages_of, to_pptx

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SECONDS = 12
"""How long a page stays before the next one comes, when there are several."""


def _facts(request: HttpRequest, pk: int) -> tuple[Ballot, SlideFacts]:
    """What the hall may see: nothing before the result is declared."""
    row = reads.ballot_for(me(request), pk)
    if row.state != Ballot.State.DECLARED:
        raise Http404
    language, _path = reads.record_language(row, (get_language() or "en").partition("-")[0])
    return row, reads.slide_facts(row, language)


@require_GET
def slide(request: HttpRequest, pk: int) -> HttpResponse:
    """The result, full screen; several pages follow each other by themselves or by key."""
    row, facts = _facts(request, pk)
    pages = pages_of(facts.names)
    wanted = request.GET.get("page", "")
    current = min(max(int(wanted), 1), len(pages)) if wanted.isdecimal() and len(wanted) < 4 else 1
    context = {
        "ballot": row,
        "facts": facts,
        "words": facts.words,
        "pages": list(enumerate(pages, 1)),
        "current": current,
        "before": current - 1,
        "after": current + 1 if current < len(pages) else 0,
        "seconds": SECONDS,
    }
    return render(request, "elections/slide.html", context)


@require_GET
def slide_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as PPTX."""
    row, facts = _facts(request, pk)
    response = HttpResponse(to_pptx(facts), content_type=PPTX)
    name = f"result-{row.contest.congress.unit.code}-{row.contest.body}-{row.number}.pptx"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response
