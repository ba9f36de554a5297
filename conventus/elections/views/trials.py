"""Trials before the congress: a paper, a deck whose answer is known, its comparison with what was read, the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from conventus.core.forms import attempt
from conventus.core.papers import sealed
from conventus.core.views import me
from conventus.elections import actions, press, reads
from conventus.elections.forms.printing import TrialForm
from conventus.elections.models import Contest, PaperForm, ScanBatch
from conventus.elections.reads import printing
from conventus.elections.reads import trials as trial_reads
from conventus.elections.record.trial import load_trial_form, trial_record
from conventus.elections.views.page import answer, contest_crumbs, may, posted, require
from conventus.elections.views.printing import HARD, crumbs_of, form_rows, run_rows
from conventus.elections.views.results import KINDS as FILES

KINDS = {
    "plain": lazy("clearly marked"),
    "overvote": lazy("more names chosen than seats"),
    "blank": lazy("nothing marked"),
    "nobody": lazy("nobody chosen"),
    "one-empty": lazy("one name without a mark"),
    "both-boxes": lazy("both boxes of a name marked"),
    "unclear": lazy("an unclear mark"),
}
MARKS = {
    "chosen": lazy("chosen"),
    "rejected": lazy("not chosen"),
    "both": lazy("both boxes"),
    "none": lazy("no mark"),
    "doubt": lazy("unclear"),
    "": lazy("nothing read"),
}
FAULTS = {
    "misread": lazy("Read wrongly"),
    "missing": lazy("Not read"),
    "extra": lazy("A sheet that is not of the deck"),
}
FAULTS_SHOWN = 40


@require_GET
def trials(request: HttpRequest, pk: int) -> HttpResponse:
    """The trials of a contest: papers for them, decks, stacks that were scanned, results."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    forms = printing.forms_of(contest)
    context = {
        "contest": contest,
        "forms": form_rows(reader, forms),
        "runs": run_rows(reader, printing.runs_of(contest)),
        "stacks": trial_reads.trial_stacks(contest),
        "trials": trial_reads.trials_of(contest),
        "steps": _steps(contest, forms),
        "may_design": contest.state != Contest.State.DECIDED and may(reader, actions.design_form, contest),
        "has_names": contest.candidates.filter(withdrawn=False).exists(),
        "breadcrumbs": contest_crumbs(contest, (_("Trial count"), "")),
    }
    return render(request, "elections/print_trials.html", context)


def _steps(contest: Contest, forms: list[PaperForm]) -> list[dict[str, Any]]:
    """The way of a trial: paper, deck, scan, result."""
    live = [form for form in forms if not form.withdrawn]
    decks = any(form.runs.filter(deck=True, withdrawn="").exists() for form in live)
    stacks = trial_reads.trial_stacks(contest)
    read = any(one.state == ScanBatch.State.READ for one in stacks)
    results = trial_reads.trials_of(contest)
    done = [bool(live), decks, read, any(one.passed for one in results)]
    labels = [(_("Paper"), "ballot"), (_("Marked sheets"), "print"), (_("Scanned"), "eye"), (_("Passed"), "stamp")]
    at = next((index for index, one in enumerate(done) if not one), len(done))
    waiting = "trouble" if results and at == len(done) - 1 else "current"
    return [
        {
            "label": label,
            "icon": icon,
            "status": "done" if done[index] else waiting if index == at else "todo",
            "is_current": index == at,
        }
        for index, (label, icon) in enumerate(labels)
    ]


def deck(request: HttpRequest, pk: int) -> HttpResponse:
    """The deck of a paper: what is marked on its sheets; a press of the button prints it."""
    reader = me(request)
    form = printing.form_for(reader, pk)
    require(reader, actions.print_deck, form)
    asked = TrialForm(posted(request), subject=form)
    if request.method == "POST" and attempt(asked, lambda: actions.print_deck(reader, form), form):
        messages.success(request, _("The deck is on record. Now fetch the file and print it."))
        return redirect(reverse("elections:trials", args=[form.contest_id]) + "#runs")
    known = press.known_sheets(form)
    names = {one["id"]: one["name"] for one in form.spec["candidates"]}
    context = {
        "paper": form,
        "contest": form.contest,
        "sheets": len(known),
        "kinds": _kind_rows(known),
        "names": [(label, _votes(known, key)) for key, label in names.items()],
        "back": reverse("elections:trials", args=[form.contest_id]),
        "breadcrumbs": crumbs_of(form.contest, (_("Marked sheets"), "")),
    }
    return answer(request, "elections/print_deck.html", context, asked)


def _kind_rows(known: list[Any]) -> list[dict[str, Any]]:
    kinds = list(dict.fromkeys(one.kind for one in known))
    return [{"words": KINDS[kind], "number": sum(one.kind == kind for one in known)} for kind in kinds]


def _votes(known: list[Any], candidate: str) -> int:
    return sum(one.kind == "plain" and one.marks[candidate] == "chosen" for one in known)


# The result ---------------------------------------------------------------------------------------


def trial_result(request: HttpRequest, pk: int) -> HttpResponse:
    """The deck's known answer against what was read of a stack; putting it on record."""
    reader = me(request)
    batch = trial_reads.trial_stack_for(reader, pk)
    recorded = getattr(batch, "trial", None)
    form = TrialForm(posted(request), subject=batch.form)
    if request.method == "POST":
        require(reader, actions.record_trial, batch.form)

    def keep() -> None:
        actions.record_trial(reader, batch.form, batch=batch, **form.values())

    if request.method == "POST" and attempt(form, keep, batch.form):
        messages.success(request, _("The trial is on record."))
        return redirect("elections:trial_result", pk=batch.pk)
    read = batch.state == ScanBatch.State.READ
    data = recorded.result if recorded else trial_reads.trial_data(trial_reads.trial_result(batch)) if read else None
    context = {
        "batch": batch,
        "contest": batch.form.contest,
        "trial": recorded,
        "result": _shown(batch.form, data) if data else None,
        "may_record": recorded is None and may(reader, actions.record_trial, batch.form),
        "back": reverse("elections:trials", args=[batch.form.contest_id]),
        "breadcrumbs": crumbs_of(batch.form.contest, (_("Result of a trial"), "")),
    }
    return answer(request, "elections/print_trial.html", context, form)


def _shown(form: PaperForm, data: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's result in words."""
    names = {one["id"]: one["name"] for one in form.spec["candidates"]}
    faults = [_fault_row(one, names) for one in data["faults"]]
    return {
        **data,
        "kinds": [{**one, "words": KINDS[one["kind"]]} for one in data["kinds"]],
        "totals": [{**one, "words": _figure_words(one, names)} for one in data["totals"]],
        "faults": faults[:FAULTS_SHOWN],
        "more_faults": max(0, len(faults) - FAULTS_SHOWN),
        "differing": sum(not one["agrees"] for one in data["totals"]),
    }


def _figure_words(line: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if line["figure"] == "valid":
        return _("Counted without people")
    name = names.get(line["candidate"], line["candidate"])
    return _("%(name)s, disagree") % {"name": name} if line["figure"] == "against" else name


def _fault_row(fault: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    marks = [(names.get(key, key), MARKS[known], MARKS[read]) for key, (known, read) in fault["marks"].items()]
    return {"what": FAULTS[fault["what"]], "kind": KINDS.get(fault["kind"], ""), "marks": marks}


@require_GET
def trial_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The record of a trial as DOCX or PDF."""
    trial = trial_reads.trial_for(me(request), pk)
    if kind not in FILES:
        raise Http404
    language, path = trial_reads.trial_language(trial, (get_language() or "en").partition("-")[0])
    media_type, made = FILES[kind]
    paper = sealed(trial_record(load_trial_form(path), trial_reads.trial_record_facts(trial, language)))
    contest = trial.form.contest
    name = f"trial-{contest.congress.unit.code}-{contest.body}-{trial.number}.{kind}"
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(made(paper), content_type=media_type, headers={**HARD, "Content-Disposition": disposition})
