"""Trials: decks with a known answer, what was read of them, and the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone, translation

from conventus.core.models import User
from conventus.core.rights import visible
from conventus.elections import press, rules
from conventus.elections.models import Contest, PaperForm, ScanBatch, Trial
from conventus.elections.reads.contests import VIEW
from conventus.elections.reads.printing import related_to
from conventus.elections.record.trial import TrialFacts, TrialFault, TrialFigure, TrialKind


def trial_for(reader: User, pk: int) -> Trial:
    """A trial that `reader` may see; 404 otherwise."""
    trials = Trial.objects.filter(visible(reader, VIEW, "form__contest__congress__unit__path"))
    return get_object_or_404(trials.select_related(*related_to("form__contest"), "batch", "by"), pk=pk)


def trials_of(contest: Contest) -> list[Trial]:
    """The trials recorded for a contest, the last one first."""
    trials = Trial.objects.filter(form__contest=contest).select_related("form", "batch", "by").defer("form__layout")
    return list(trials.order_by("-pk"))


def trial_stacks(contest: Contest) -> list[ScanBatch]:
    """The stacks of test decks that were not made void, the last one first."""
    stacks = ScanBatch.objects.filter(form__contest=contest, purpose=ScanBatch.Purpose.TRIAL)
    live = stacks.exclude(state=ScanBatch.State.VOID).select_related("form", "trial").defer("form__layout")
    return list(live.order_by("-pk"))


def trial_stack_for(reader: User, pk: int) -> ScanBatch:
    """A stack of a test deck that `reader` may see; 404 otherwise. It holds nobody's vote."""
    stacks = ScanBatch.objects.filter(visible(reader, VIEW, "form__contest__congress__unit__path"))
    live = stacks.filter(purpose=ScanBatch.Purpose.TRIAL).exclude(state=ScanBatch.State.VOID)
    return get_object_or_404(live.select_related(*related_to("form__contest"), "trial"), pk=pk)


# Compared -----------------------------------------------------------------------------------------


def trial_facts(form: PaperForm) -> rules.BallotFacts:
    """What a trial is judged by: the names as they stand on its paper."""
    people = form.spec["candidates"]
    names = {one["id"]: one["name"] for one in people}
    return rules.BallotFacts(form.spec["style"], form.spec["seats"], tuple(names), None, names=names)


def trial_result(batch: ScanBatch) -> rules.TrialResult:
    """What a stack that was read comes to against the deck's known answer."""
    form = batch.form
    sheets = [sheet.facts() for sheet in batch.sheets.all()]
    law, day = form.contest.law, form.contest.day
    return rules.compare_trial(law, trial_facts(form), press.known_sheets(form), sheets, day)


def trial_data(result: rules.TrialResult) -> dict[str, Any]:
    """A trial's result as plain data, for the row, the page and the record."""
    data = asdict(result) | {"asked": result.asked, "passed": result.passed}
    for line, one in zip(data["kinds"], result.kinds, strict=True):
        line["wrong"] = one.wrong
    for line, total in zip(data["totals"], result.totals, strict=True):
        line["agrees"] = total.agrees
    faults = [{**one, "marks": {key: list(pair) for key, pair in one["marks"].items()}} for one in data["faults"]]
    return data | {"faults": faults}


# The record ---------------------------------------------------------------------------------------


def trial_language(trial: Trial, wanted: str) -> tuple[str, Path]:
    """The language of a trial's record and its form: the wanted one if the pack has it, else the pack's first."""
    pack = trial.form.contest.congress.rules
    for code in (wanted, *pack.core.languages):
        path = pack.folder / "forms" / f"trial_record.{code}.toml"
        if path.is_file():
            return code, path
    raise FileNotFoundError(f"the pack {pack.key} has no form trial_record")


def trial_record_facts(trial: Trial, language: str) -> TrialFacts:
    """Everything the record of a trial says, as it was when the trial was recorded."""
    form, contest, data = trial.form, trial.form.contest, trial.result
    congress, unit = contest.congress, contest.congress.unit
    names = {one["id"]: one["name"] for one in form.spec["candidates"]}
    with translation.override(language):
        paper = f"{form.get_paper_display()}, {form.get_variant_display()}"
    return TrialFacts(
        superior=unit.parent.name if unit.parent else "",
        unit=unit.name,
        contest=contest.title,
        congress=f"{unit.name}, {congress.cycle.name}",
        number=trial.number,
        at=timezone.localtime(trial.at),
        by=str(trial.by),
        place=unit.name,
        paper=paper,
        pages=form.pages,
        fingerprint=form.fingerprint,
        passed=trial.passed,
        sheets_known=data["sheets_known"],
        sheets_read=data["sheets_read"],
        people_known=data["people_known"],
        people_read=data["people_read"],
        kinds=tuple(TrialKind(*(one[key] for key in KIND_PARTS)) for one in data["kinds"]),
        figures=tuple(_trial_figure(one, names) for one in data["totals"]),
        faults=tuple(_trial_fault(one, names) for one in data["faults"]),
        remark=trial.remark,
    )


KIND_PARTS = ("kind", "known", "right", "asked", "wrong")


def _trial_figure(line: Mapping[str, Any], names: Mapping[str, str]) -> TrialFigure:
    name = names.get(line["candidate"], "")
    return TrialFigure(line["figure"], name, line["known"], line["read"], line["waiting"])


def _trial_fault(fault: Mapping[str, Any], names: Mapping[str, str]) -> TrialFault:
    marks = ((names.get(key, key), known, read or "unread") for key, (known, read) in fault["marks"].items())
    return TrialFault(fault["what"], fault["kind"], tuple(marks))
