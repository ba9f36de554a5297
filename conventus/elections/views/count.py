"""Keying in the count, comparing counts made apart, counting again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from conventus.core.forms import attempt
from conventus.core.models import User
from conventus.core.rules import ERROR, Finding, Refusal
from conventus.core.views import me
from conventus.core.words import shown
from conventus.elections import actions, reads
from conventus.elections.forms import CountForm, ReasonForm, ResolveForm
from conventus.elections.models import Ballot
from conventus.elections.terms import as_rows, figure_words, path_words
from conventus.elections.views.page import answer, ballot_crumbs, posted, require

REVIEW, SAVE = "review", "save"


def enter_count(request: HttpRequest, pk: int) -> HttpResponse:
    """Key in the count, look at it once more with its numbered checks, save it. Nobody else sees the figures."""
    reader = me(request)
    ballot = reads.ballot_for(reader, pk)
    require(reader, actions.enter_count, ballot)
    try:
        slot = reads.slot_for(reader, ballot)
    except Refusal as refusal:
        return _turned_away(request, ballot, refusal)
    form, step = CountForm(posted(request), ballot=ballot), _step(request)
    errors: list[Finding] = []
    if step in (REVIEW, SAVE) and form.is_valid():
        errors = [one for one in reads.findings_on(ballot, form.count()) if one.severity == ERROR]
        if not errors and step == REVIEW:
            return _review(request, form, ballot, slot)
        if not errors and _saved(form, reader, ballot):
            return _thanks(request, ballot)
    return _form(request, form, ballot, slot, errors)


def _step(request: HttpRequest) -> str:
    """What the sent form asks for; one sent by the keyboard alone names no button and is checked."""
    return request.POST.get("step", REVIEW) if request.method == "POST" else ""


def _turned_away(request: HttpRequest, ballot: Ballot, refusal: Refusal) -> HttpResponse:
    """Why the reader cannot key in now. What was typed on a page that came too late is not thrown away unseen."""
    typed = CountForm(request.POST, ballot=ballot) if request.method == "POST" else None
    context = {
        "ballot": ballot,
        "refusals": shown(refusal),
        "typed": typed,
        "breadcrumbs": ballot_crumbs(ballot, (_("Enter the count"), "")),
    }
    return render(request, "elections/turned_away.html", context, status=422 if typed else 200)


def _saved(form: CountForm, reader: User, ballot: Ballot) -> bool:
    """Save the entry. Two people finish at the same moment now and then: the later one is tried once more."""
    attempt_no = form.cleaned_data["attempt"]
    try:
        actions.enter_count(reader, ballot, figures=form.figures(), attempt=attempt_no)
    except Refusal as refusal:
        if refusal.code != "core.changed_meanwhile":
            form.refuse(refusal)
            return False
        return _saved(form, reader, reads.ballot_for(reader, ballot.pk))
    ballot.refresh_from_db()
    return True


def _thanks(request: HttpRequest, ballot: Ballot) -> HttpResponse:
    said = {
        Ballot.State.COUNTING: _("Your entry is saved. Another member of the board enters the count now."),
        Ballot.State.AGREED: _("Both entries agree in every figure."),
        Ballot.State.DIFFERING: _("Both entries are in and differ. A third member compares them."),
    }
    level = messages.warning if ballot.state == Ballot.State.DIFFERING else messages.success
    level(request, said[Ballot.State(ballot.state)])
    return redirect("elections:ballot", pk=ballot.pk)


def _form(request: HttpRequest, form: CountForm, ballot: Ballot, slot: str, errors: list[Finding]) -> HttpResponse:
    """The form with all that was typed; every error stands above, with its number, and at its field."""
    for finding in errors:
        form.refuse(actions.refusal_at(finding))
    context = {
        "ballot": ballot,
        "slot": slot,
        "form": form,
        "findings": as_rows([(one, f"id_{actions.field_of(one) or 'collected'}") for one in errors]),
        "breadcrumbs": ballot_crumbs(ballot, (_("Enter the count"), "")),
    }
    refused = bool(errors or form.refusals or (_step(request) in (REVIEW, SAVE) and form.errors))
    return render(request, "elections/enter_count.html", context, status=422 if refused else 200)


def _review(request: HttpRequest, form: CountForm, ballot: Ballot, slot: str) -> HttpResponse:
    count = form.count()
    context = {
        "ballot": ballot,
        "slot": slot,
        "form": form,
        "figures": form.figures(),
        "rows": form.rows(),
        "sum": sum(number or 0 for number in count.votes.values()),
        "findings": as_rows([(one, "") for one in reads.findings_on(ballot, count)]),
        "breadcrumbs": ballot_crumbs(ballot, (_("Enter the count"), "")),
    }
    return render(request, "elections/review_count.html", context)


# Comparing ----------------------------------------------------------------------------------------


def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """All counts side by side: to settle as another member while they differ, to look at once the count is agreed."""
    reader = me(request)
    ballot = reads.ballot_for(reader, pk)
    if not reads.may_compare(reader, ballot):
        return _not_comparing(request, ballot)
    lines = reads.comparison_of(reader, ballot)
    open_now = ballot.state == Ballot.State.DIFFERING
    form = ResolveForm(posted(request), lines=lines, subject=ballot) if open_now else None
    if form is not None and request.method == "POST" and _resolved(form, reader, ballot):
        messages.success(request, _("The differences are settled; the count is agreed."))
        return redirect("elections:ballot", pk=ballot.pk)
    return answer(request, "elections/compare.html", _comparing(request, ballot, lines, form), form)


def _not_comparing(request: HttpRequest, ballot: Ballot) -> HttpResponse:
    crumbs = ballot_crumbs(ballot, (_("Compare the entries"), ""))
    return render(request, "elections/not_comparing.html", {"ballot": ballot, "breadcrumbs": crumbs}, status=403)


def _resolved(form: ResolveForm, reader: User, ballot: Ballot) -> bool:
    def settle() -> None:
        actions.resolve(reader, ballot, choices=form.choices(), reason=form.cleaned_data["reason"])

    if attempt(form, settle, ballot):
        return True
    _lay_on_differences(form)
    return False


def _lay_on_differences(form: ResolveForm) -> None:
    """A refusal names a figure; the form has three controls for it, of which the choice carries the words."""
    kept = []
    for one in form.refusals:
        key = str(one["field"]).removeprefix("id_")
        if key in form.keys:
            form.add_error(f"take_{key}", str(one["words"]))
        else:
            kept.append(one)
    form.refusals = kept


def _comparing(
    request: HttpRequest, ballot: Ballot, lines: list[reads.Line], form: ResolveForm | None
) -> dict[str, Any]:
    everything = "all" in request.GET or not any(line.differs for line in lines)
    made = {one.slot: one for one in reads.entries_made(ballot) if one.attempt == ballot.attempt}
    return {
        "ballot": ballot,
        "rows": [_row(ballot, line, form) for line in lines if everything or line.differs],
        "differing": sum(line.differs for line in lines),
        "figures": len(lines),
        "everything": everything,
        "paths": [{"words": path_words(path), "by": made[path].by} for path in ballot.ways],
        "keys": " ".join(str(number) for number in range(1, len(ballot.ways) + 1)),
        "own_key": str(len(ballot.ways) + 1),
        "settled": reads.settled_by(ballot),
        "open": form is not None,
        "by_sheets": reads.board_seat(me(request), ballot.contest.congress) and reads.sheets_counted(ballot).exists(),
        "breadcrumbs": ballot_crumbs(ballot, (_("Compare the entries"), "")),
    }


def _row(ballot: Ballot, line: reads.Line, form: ResolveForm | None) -> dict[str, Any]:
    figure = figure_words(line.figure, ballot.style)
    label = f"{line.label} · {figure}" if line.label and line.figure == "against" else line.label or figure
    controls = form.fields_of(line.key) if form is not None and line.differs else None
    return {"line": line, "label": label, "controls": controls, "options": _options(line) if controls else []}


def _options(line: reads.Line) -> list[dict[str, Any]]:
    """What may stand for a differing figure: that of each count, or one's own."""
    taken = [{"path": path, "words": "–" if value is None else value} for path, value in line.values.items()]
    return [*taken, {"path": actions.OWN, "words": _("own figure")}]


# Again --------------------------------------------------------------------------------------------


def repeat_count(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the ballots again."""
    reader = me(request)
    ballot = reads.ballot_for(reader, pk)
    require(reader, actions.repeat_count, ballot)
    help_text = _("Stands in the record. Two members key in the new count; the earlier entries are kept.")
    form = ReasonForm(posted(request), subject=ballot, label=_("Why the count is repeated"), help_text=help_text)

    def repeat() -> None:
        actions.repeat_count(reader, ballot, **form.values())

    if request.method == "POST" and attempt(form, repeat, ballot):
        messages.success(request, _("The count is repeated: two members key it in anew."))
        return redirect("elections:ballot", pk=ballot.pk)
    crumbs = ballot_crumbs(ballot, (_("Repeat the count"), ""))
    return answer(request, "elections/repeat_count.html", {"ballot": ballot, "breadcrumbs": crumbs}, form)
