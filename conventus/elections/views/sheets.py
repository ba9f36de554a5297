"""What pages show of single ballots: pictures, names, verdicts; the ballots that differ; where the board stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.views import me
from conventus.elections import reads, rules
from conventus.elections.forms.adjudication import SheetForm
from conventus.elections.models import Ballot, Sheet, labels_of
from conventus.elections.terms import RULINGS, ground_words, mark_words, path_words
from conventus.elections.views.page import ballot_crumbs

PER_PAGE = 8
"""Ballots with their pictures on one page of the comparison."""

# What a page of one ballot shows ------------------------------------------------------------------


def sheet_page(form: SheetForm, row: Sheet, ballot: Ballot, doubtful: dict[str, list[str]]) -> dict[str, Any]:
    """The picture with the places of the names, the names with their marks, the law's limits for the running sum."""
    geometry = row.batch.form.geometry
    places = {one["candidate"]: one for one in geometry["rows"]}
    shown = {page["form_page"]: number for number, page in enumerate(row.pages) if page["form_page"]}
    rows = []
    for key, order, field in form.rows():
        place = places.get(key, {})
        number = shown.get(place.get("page"))
        rows.append(
            {
                "key": key,
                "number": place.get("number", order),
                "field": field,
                "words": form.words,
                "value": str(field.value() or ""),
                "doubts": doubtful.get(key, []),
                "is_doubtful": key in doubtful,
                "piece": _piece(row, number, place, geometry) if number is not None else None,
            }
        )
    law, day = ballot.contest.law.ballot, ballot.contest.day
    nobody = "none_on_strike" if ballot.style == rules.STRIKE else "none_on_boxes"
    return {
        "ballot": ballot,
        "sheet": row,
        "rows": rows,
        "doubtful": [one for one in rows if one["is_doubtful"]],
        "others": [one for one in rows if not one["is_doubtful"]],
        "missing": sum(bool(one["field"].errors) for one in rows),
        "pages": list(_pictures(row, geometry)),
        "nobody": getattr(law, nobody).at(day).value,
        "is_strike": ballot.style == rules.STRIKE,
    }


def _pictures(row: Sheet, geometry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The pages of a ballot; where a page was found on its scan, with the places of its names."""
    wide, high = geometry["page"]
    for number, page in enumerate(row.pages):
        rows = [one for one in geometry["rows"] if page["form_page"] and one["page"] == page["form_page"]]
        yield {
            "url": reverse("elections:sheet_picture", args=[row.pk, number]),
            "number": number + 1,
            "wide": _points(wide),
            "high": _points(high),
            "zones": [{"key": one["candidate"], **_box(one["zone"])} for one in rows],
        }


def _piece(row: Sheet, number: int, place: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    """The place of one name, cut from the picture of its page by the browser."""
    wide, high = geometry["page"]
    url = reverse("elections:sheet_picture", args=[row.pk, number])
    return {"url": url, "wide": _points(wide), "high": _points(high), **_box(place["zone"])}


def _box(zone: list[float]) -> dict[str, str]:
    x0, y0, x1, y1 = zone
    return {"x": _points(x0), "y": _points(y0), "w": _points(x1 - x0), "h": _points(y1 - y0)}


def _points(value: float) -> str:
    """A length as SVG writes it, whatever the reader's language."""
    return f"{value:.1f}"


def voices_of(judged: reads.Judged, reader: User, form: SheetForm) -> dict[str, Any]:
    """What the members say, side by side, once they are in dispute."""
    said = judged.shown_to(reader) if judged.state == rules.DISPUTED else ()
    words, names = form.words, form.names
    marks = [one.marks for one in said]
    lines = [
        (str(one.pk), label, [words.get(found.get(str(one.pk), ""), "–") for found in marks])
        for one, label in zip(names, labels_of(names), strict=True)
        if len({found.get(str(one.pk)) for found in marks}) > 1
    ]
    voices = [{"by": one.by, "words": verdict_words(one.facts()), "note": one.note} for one in said]
    return {"said": voices, "lines": lines}


def verdict_words(verdict: rules.Verdict) -> str:
    """“Invalid: more names chosen than seats”."""
    ruling = str(RULINGS[verdict.ruling])
    return f"{ruling}: {ground_words(verdict.ground)}" if verdict.ground else ruling


# Where they differ --------------------------------------------------------------------------------


@require_GET
def differing_sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """The ballots of which reader and members say different things, each with its picture."""
    reader = me(request)
    ballot = reads.board_ballot_for(reader, pk)
    if reads.evidence_of(ballot):
        return redirect("elections:evidence", pk=ballot.pk)
    crumbs = ballot_crumbs(ballot, (_("Ballots that differ"), ""))
    if not reads.may_compare(reader, ballot):
        return render(request, "elections/not_comparing.html", {"ballot": ballot, "breadcrumbs": crumbs}, status=403)
    everything = reads.differing_sheets(reader, ballot)
    name = request.GET.get("name", "")
    found = [one for one in everything if not name or name in one.names]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = ballot.names()
    labels = dict(zip((str(one.pk) for one in names), labels_of(names), strict=True))
    context = {
        "ballot": ballot,
        "page": page,
        "sheets": [_difference(one, labels, ballot) for one in page],
        "all": len(everything),
        "name": labels.get(name, ""),
        "chips": list(_chips(everything, labels, name)),
        "words": _found_words(len(found)),
        "breadcrumbs": crumbs,
    }
    return render(request, "elections/sheet_differences.html", context)


def _found_words(number: int) -> str:
    return ngettext("%(number)s ballot", "%(number)s ballots", number) % {"number": number}


def _chips(found: list[reads.Differing], labels: dict[str, str], name: str) -> Iterator[dict[str, Any]]:
    """The names that differ somewhere, with the number of ballots, to look at one alone."""
    for key, label in labels.items():
        if number := sum(key in one.names for one in found):
            yield {"label": label, "count": number, "url": f"?name={key}", "current": key == name}


def _difference(one: reads.Differing, labels: dict[str, str], ballot: Ballot) -> dict[str, Any]:
    geometry, words = one.sheet.batch.form.geometry, mark_words(ballot.style)
    places = {row["candidate"]: row for row in geometry["rows"]}
    shown = {page["form_page"]: number for number, page in enumerate(one.sheet.pages) if page["form_page"]}
    lines = []
    for key in one.names:
        place = places.get(key, {})
        number = shown.get(place.get("page"))
        said = [_mark_said(voice.verdict, key, words) for voice in one.voices]
        piece = _piece(one.sheet, number, place, geometry) if number is not None else None
        lines.append({"label": labels.get(key, key), "said": said, "piece": piece})
    return {
        "sheet": one.sheet,
        "pages": list(_pictures(one.sheet, geometry)),
        "voices": [
            {
                "words": _("Read by the scanner") if voice.path == "reader" else path_words(voice.path),
                "by": voice.by,
                "verdict": verdict_words(voice.verdict) if voice.verdict else _("in doubt"),
            }
            for voice in one.voices
        ],
        "lines": lines,
    }


def _mark_said(verdict: rules.Verdict | None, key: str, words: dict[str, Any]) -> str:
    if verdict is None or verdict.ruling != rules.VALID:
        return "–"
    return str(words.get(verdict.marks.get(key, ""), "–"))


# On the page of a ballot ----------------------------------------------------------------------------


def counting_card(reader: User, ballot: Ballot) -> dict[str, Any] | None:
    """For the page of a ballot: how many scanned ballots wait, whose turn it is; None for all but the board."""
    if reads.board_seat(reader, ballot.contest.congress) is None or ballot.state == Ballot.State.PREPARED:
        return None
    sheets = reads.judged_sheets(ballot)
    if not sheets:
        return None
    progress, keying = reads.progress_of(ballot, sheets), reads.keying_of(reader, ballot, sheets)
    running = ballot.state in (Ballot.State.ISSUED, Ballot.State.COUNTING)
    may_judge = running and not _refuses(lambda: reads.check_judge(reader, ballot))
    may_enter = running and not _refuses(lambda: reads.slot_for(reader, ballot))
    return {
        "progress": progress,
        "mine": progress.left.get(reader, 0),
        "again": progress.disputed_with.get(reader, 0),
        "members": list(progress.left.items()),
        "keying": keying,
        "may_judge": may_judge,
        "may_key": may_enter and (may_judge or not keying.left),
        "may_compare": reads.may_compare(reader, ballot),
    }


def _refuses(check: Callable[[], object]) -> bool:
    try:
        check()
    except Refusal:
        return True
    return False
