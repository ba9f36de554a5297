"""Reconciliation, counts made again, stacks counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core.forms import attempt
from conventus.core.models import User
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.elections import actions, reads, rules
from conventus.elections.forms.audit import StackCountForm
from conventus.elections.forms.fields import ReasonForm
from conventus.elections.models import Ballot, ScanBatch, labels_of
from conventus.elections.reads import Line, StackCount, Table
from conventus.elections.terms import figure_words, path_words
from conventus.elections.views.page import answer, ballot_crumbs, ballot_title, may, posted, require

FINAL = (Ballot.State.AGREED, Ballot.State.DECLARED)


@require_GET
def reconcile(request: HttpRequest, pk: int) -> HttpResponse:
    """Every equation that must hold before a result exists, with its figures and what to do about a gap."""
    reader = me(request)
    ballot = reads.ballot_for(reader, pk)
    rows = balance_rows(reader, ballot)
    context = {
        "ballot": ballot,
        "title": ballot_title(ballot),
        "rows": rows,
        "gaps": sum(row["state"] == rules.GAP for row in rows),
        "open": sum(row["state"] == rules.UNKNOWN for row in rows),
        "agreed": ballot.state in FINAL,
        "breadcrumbs": ballot_crumbs(ballot, (_("Reconciliation"), "")),
    }
    return render(request, "elections/reconcile.html", context)


def checking_card(reader: User, ballot: Ballot) -> dict[str, Any] | None:
    """Reconciliation, recounts and audit on the page of a ballot, from the issue of the papers on."""
    if ballot.state == Ballot.State.PREPARED:
        return None
    audit = reads.audit_of(ballot)
    offered = ballot.state == Ballot.State.AGREED and on_board(reader, ballot)
    rows = balance_rows(reader, ballot)
    still_open = [row for row in rows if row["state"] != rules.CLOSED]
    return {
        "open": still_open,
        "holding": len(rows) - len(still_open),
        "all": len(rows),
        "audit": audit,
        "may_audit": offered or audit is not None,
    }


def balance_rows(reader: User, ballot: Ballot) -> list[dict[str, Any]]:
    """The equations for a page; those of single names are one row, and a row each where one does not hold."""
    found = reads.balance_of(ballot)
    names = [one for one in found if one.code == "name"]
    gaps = [one for one in names if one.state != rules.CLOSED]
    rest = [one for one in found if one.code != "name"]
    rows = [_balance_row(reader, ballot, one) for one in (*rest, *gaps)]
    return [*rows, _names_row(names)] if names and not gaps else rows


def _balance_row(reader: User, ballot: Ballot, one: rules.Equation) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": _title(ballot, one),
        "left": [{"words": FIGURES[name](), "number": number} for name, number in one.left],
        "right": {"words": FIGURES[one.right[0]](), "number": one.right[1]},
        "sign": "≤" if one.least else "=",
        "state": one.state,
        "difference": f"{one.difference:+d}" if one.state == rules.GAP else "",
        "steps": _steps(reader, ballot, one),
    }


def _names_row(names: Sequence[rules.Equation]) -> dict[str, Any]:
    """All names at once, where every one of them balances."""
    title = _("Every name: chosen and not chosen make the valid sheets (%(count)s names)") % {"count": len(names)}
    right = {"words": FIGURES["valid_scanned"](), "number": names[0].right[1]}
    left = [{"words": FIGURES["marks"](), "number": names[0].left[0][1]}]
    row = {"code": "name", "title": title, "left": left, "right": right, "sign": "=", "state": rules.CLOSED}
    return row | {"difference": "", "steps": []}


FIGURES = {
    "printed": lambda: _("printed"),
    "issued": lambda: _("issued"),
    "spoilt": lambda: _("spoilt and exchanged"),
    "unused": lambda: _("left over"),
    "collected": lambda: _("collected"),
    "valid": lambda: _("valid"),
    "invalid": lambda: _("invalid"),
    "scanned": lambda: _("sheets scanned"),
    "found": lambda: _("sheets found"),
    "expected": lambda: _("counted before the scan"),
    "marks": lambda: _("chosen and not chosen"),
    "valid_scanned": lambda: _("valid sheets"),
}


def _title(ballot: Ballot, one: rules.Equation) -> str:
    if one.code == "name":
        names = ballot.names()
        labels = {str(row.pk): label for row, label in zip(names, labels_of(names), strict=True)}
        return _("Marks for %(name)s") % {"name": labels.get(one.about, one.about)}
    return {
        "papers": _("Every printed ballot is accounted for"),
        "box": _("No more ballots collected than issued"),
        "rulings": _("Every ballot collected is valid or invalid"),
        "scan": _("Every ballot collected is scanned, once"),
        "stack": _("Stack %(stack)s holds what was counted by hand") % {"stack": one.about},
    }[one.code]


def _steps(reader: User, ballot: Ballot, one: rules.Equation) -> list[dict[str, str]]:
    """What can be done where an equation is open, as links that the reader may follow."""
    if one.state == rules.CLOSED or ballot.state == Ballot.State.DECLARED:
        return []
    found = []
    if one.code == "papers" and may(reader, actions.record_stock, ballot):
        words = _("Count the left-over ballots again") if one.state == rules.GAP else _("Record spoilt and left over")
        found.append({"words": words, "url": reverse("elections:stock", args=[ballot.pk])})
    if one.code in ("scan", "stack") and one.state == rules.GAP and on_board(reader, ballot):
        found.append({"words": _("Look at the stacks"), "url": reverse("elections:scan", args=[ballot.pk])})
    if one.state == rules.GAP and _may_repeat(reader, ballot):
        found.append({"words": _("Repeat the count"), "url": reverse("elections:repeat_count", args=[ballot.pk])})
    return found


def on_board(reader: User, ballot: Ballot) -> bool:
    """Whether the reader sits on the counting board."""
    return reads.board_seat(reader, ballot.contest.congress) is not None


def _may_repeat(reader: User, ballot: Ballot) -> bool:
    seat = reads.board_seat(reader, ballot.contest.congress)
    return seat is not None and seat.head and may(reader, actions.repeat_count, ballot)


# All counts ---------------------------------------------------------------------------------------


@require_GET
def recounts(request: HttpRequest, pk: int) -> HttpResponse:
    """All counts of a ballot side by side, and its stacks by scan and by hand."""
    reader = me(request)
    ballot = reads.ballot_for(reader, pk)
    attempts, stacks = reads.attempts_of(ballot), reads.stacks_shown(reader, ballot)
    shown = reads.stacks_table(reader, ballot, stacks) if stacks else None
    wanted = shown if request.GET.get("of") == "stacks" else attempts
    if wanted and (file := answered(request, figures_table(ballot, wanted), f"counts-{ballot.pk}")):
        return file
    everything = "all" in request.GET or not (attempts and attempts.differing)
    context = {
        "ballot": ballot,
        "title": ballot_title(ballot),
        "attempts": _table(ballot, attempts, everything) if attempts else None,
        "differing": attempts.differing if attempts else 0,
        "everything": everything,
        "stacks": [_stack_row(reader, ballot, one) for one in stacks],
        "side_by_side": _table(ballot, shown, everything=True) if shown and shown.columns else None,
        "may_repeat": _may_repeat(reader, ballot) and ballot.state != Ballot.State.DECLARED,
        "breadcrumbs": ballot_crumbs(ballot, (_("Counts and recounts"), "")),
    }
    return render(request, "elections/recounts.html", context)


def _table(ballot: Ballot, table: Table, everything: bool) -> dict[str, Any]:
    heads = [{"words": _head(column), "by": column.by} for column in table.columns]
    lines = [line for line in table.lines if everything or line.differs]
    return {"heads": heads, "rows": [_figures_row(ballot, table, line) for line in lines]}


def _figures_row(ballot: Ballot, table: Table, line: Line) -> dict[str, Any]:
    """A figure in all counts; a hand count that differs from the scan beside it is marked."""
    cells = [
        {"value": line.values[column.key], "marked": column.slot == "hand" and _differs_by_hand(line, column.key)}
        for column in table.columns
    ]
    return {"label": _label(ballot, line), "cells": cells, "differs": line.differs}


def _differs_by_hand(line: Line, key: str) -> bool:
    return line.values[key] != line.values.get(key.replace("hand", "scan"))


def _head(column: reads.Column) -> str:
    if column.slot == "hand":
        return _("By hand")
    if not column.attempt:
        return str(path_words(column.slot))
    return _("%(number)s: %(path)s") % {"number": column.attempt, "path": path_words(column.slot)}


def _label(ballot: Ballot, line: Line) -> str:
    figure = str(figure_words(line.figure, ballot.style))
    return f"{line.label} · {figure}" if line.label and line.figure == "against" else line.label or figure


def figures_table(ballot: Ballot, table: Table) -> tables.Table:
    """The counts as a table for a file."""
    columns = [
        (f"c{number}", tables.Column(f"{_head(column)} {column.by}".strip()))
        for number, column in enumerate(table.columns)
    ]
    data = [
        {"figure": _label(ballot, line)}
        | {f"c{number}": line.values[column.key] for number, column in enumerate(table.columns)}
        for line in table.lines
    ]
    return tables.Table(data, extra_columns=[("figure", tables.Column(_("Figure"))), *columns], order_by=())


def _stack_row(reader: User, ballot: Ballot, stack: StackCount) -> dict[str, Any]:
    """A stack: who counted it by hand, how that compares, and what the reader may do."""
    counts = may(reader, actions.count_batch, stack.batch) and ballot.state != Ballot.State.DECLARED
    mine = {one.by_id for one in stack.hands} == {reader.pk}
    seat = reads.board_seat(reader, ballot.contest.congress)
    differs = stack.state == "differs" and ballot.state == Ballot.State.AGREED
    return {
        "stack": stack,
        "who": list(dict.fromkeys(str(one.by) for one in stack.hands)),
        "words": HAND_STATES[stack.state](),
        "tone": {"equal": "ok", "differs": "danger", "waiting": "warn"}.get(stack.state, ""),
        "may_count": counts and not mine and stack.agreed is None,
        "may_explain": differs and seat is not None and seat.head,
    }


HAND_STATES = {
    "": lambda: _("not counted by hand"),
    "waiting": lambda: _("another member counts it"),
    "equal": lambda: _("as scanned"),
    "differs": lambda: _("differs from the scan"),
    "explained": lambda: _("difference explained"),
}


# One stack ----------------------------------------------------------------------------------------


def count_stack(request: HttpRequest, pk: int) -> HttpResponse:
    """Key in a stack that was counted by hand, without seeing what was read of it."""
    reader = me(request)
    batch, ballot = _counted_batch(reader, pk)
    require(reader, actions.count_batch, batch)
    form = StackCountForm(posted(request), ballot=ballot, first=not batch.hand_counts.exists())

    def keep() -> None:
        actions.count_batch(reader, batch, **form.values())

    if request.method == "POST" and attempt(form, keep, batch):
        messages.success(request, _("Your count of the stack is saved."))
        return redirect("elections:recounts", pk=ballot.pk)
    crumbs = ballot_crumbs(ballot, _home(ballot), (_("Stack %(stack)s by hand") % {"stack": batch}, ""))
    return answer(
        request, "elections/recount_stack.html", {"ballot": ballot, "batch": batch, "breadcrumbs": crumbs}, form
    )


def _counted_batch(reader: User, pk: int) -> tuple[ScanBatch, Ballot]:
    """A stack of the count on whose board the reader sits."""
    batch = reads.batch_for(reader, pk)
    return batch, reads.board_ballot_for(reader, batch.form.ballot_id or 0)


def _home(ballot: Ballot) -> tuple[str, str]:
    return _("Counts and recounts"), reverse("elections:recounts", args=[ballot.pk])


def explain_stack(request: HttpRequest, pk: int) -> HttpResponse:
    """Explain, as head, why a stack's hand count differs and its scan stands."""
    reader = me(request)
    batch, ballot = _counted_batch(reader, pk)
    require(reader, actions.explain_stack, batch)
    help_text = _("Stands in the record, under your name. If you cannot explain it, repeat the count.")
    form = ReasonForm(posted(request), label=_("Where the difference comes from"), help_text=help_text)

    def keep() -> None:
        actions.explain_stack(reader, batch, reason=form.cleaned_data["reason"])

    if request.method == "POST" and attempt(form, keep, batch):
        messages.success(request, _("The difference is explained."))
        return redirect("elections:recounts", pk=ballot.pk)
    stacks = [one for one in reads.stacks_shown(reader, ballot) if one.batch == batch]
    table = reads.stacks_table(reader, ballot, stacks)
    context = {
        "ballot": ballot,
        "batch": batch,
        "table": _table(ballot, table, everything=False) if table else None,
        "breadcrumbs": ballot_crumbs(ballot, _home(ballot), (_("Explain a difference"), "")),
    }
    return answer(request, "elections/recount_explain.html", context, form)
