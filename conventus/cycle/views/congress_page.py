"""What the page of a congress shows its reader: steps done and to do, with who may do them and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.forms import Form
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conventus.core import clock, files
from conventus.core.door import can
from conventus.core.models import Entry, User
from conventus.core.reads import entries_of
from conventus.core.rights import scopes
from conventus.core.rules import Citation, Refusal
from conventus.core.words import refusal_words
from conventus.cycle import actions, decisions, reads
from conventus.cycle.forms import DateForm, PaperForm
from conventus.cycle.models import Congress, Milestone, Paper, Review
from conventus.cycle.tables import dates
from conventus.cycle.terms import content_words, days_words, form_words, level_of, milestone_words, paper_kinds
from conventus.cycle.views.crumbs import crumb, to_cycle, unit_url
from conventus.cycle.views.offers import Stage, offers_of, standing_words

State = Congress.State
HISTORY = 60


def context_of(reader: User, congress: Congress, forms: Mapping[str, Form]) -> dict[str, Any]:
    """Everything on the page."""
    steps = list(congress.milestones.all())
    for step in steps:
        step.congress = congress
    stage = Stage(reader, congress, forms)
    cycle, unit = congress.cycle, congress.unit
    reviews = list(congress.reviews.select_related("by").order_by("-pk"))
    return {
        "congress": congress,
        "version": {"row_version": congress.version},
        "breadcrumbs": [*to_cycle(reader, cycle, unit), crumb(_("Congress"))],
        "form_words": form_words(congress),
        "dates": {state: date.fromisoformat(day) for state, day in congress.trail},
        "offers": offers_of(stage),
        "waiting": standing_words(congress),
        "date": _date(stage),
        "facts": _facts(congress),
        "steps": [_step(reader, step) for step in steps],
        "contents": content_words(congress),
        "paper_groups": _papers(stage),
        "paper_form": _paper_form(stage),
        "reviews": [_review(congress, review) for review in reviews],
        "contests_url": _contests_url(congress),
        "history": _history(reader, congress, steps, reviews),
        "below": _below(reader, congress),
        "below_url": unit_url(cycle, unit),
    }


# Date ---------------------------------------------------------------------------------------------


def _date(stage: Stage) -> dict[str, Any]:
    """The window with its clauses, the date, and the form for those who may set it."""
    congress, reader = stage.congress, stage.reader
    may = bool(can(reader, actions.set_date, congress)) and congress.phase == "preparation"
    locked = _date_locked(stage) if may else ""
    level = congress.law.levels.get(congress.unit.level)
    form = stage.forms.get("date_form") or DateForm(congress=congress, level=level)
    return {
        "may": may,
        "locked": locked,
        "form": form,
        "words": dates(congress),
        "outside": congress.outside_window and congress.phase == "preparation",
        "length": days_words(congress.half_days),
        "preparatory": days_words(congress.preparatory) if congress.preparatory else "",
        "limits": [_limit(kept) for kept in congress.window_why],
        "may_withdraw": may and not locked and congress.starts_on is not None,
    }


def _date_locked(stage: Stage) -> str:
    """Why somebody with the right to set dates cannot move this one now."""
    state = stage.congress.state
    if state == State.SUBMITTED:
        return refusal_words(Refusal("cycle.date_with_superior"))
    above = stage.congress.superior
    paths = scopes(stage.reader, "cycle.schedule")
    if state == State.APPROVED and not (above and any(above.path.startswith(path) for path in paths)):
        return refusal_words(Refusal("cycle.date_approved"))
    return ""


def _limit(kept: Mapping[str, str]) -> dict[str, Any]:
    sides = {"opens": _("not before"), "closes": _("not after")}
    return {
        "side": sides[kept["side"]],
        "day": date.fromisoformat(kept["day"]),
        "cite": Citation(kept["document"], kept["article"]),
        "confidence": kept["confidence"],
        "text": kept.get("text", ""),
    }


# Facts, steps, papers, decisions ------------------------------------------------------------------


def _facts(congress: Congress) -> list[dict[str, Any]]:
    unit, cycle = congress.unit, congress.cycle
    shown = [
        {"term": _("Unit"), "value": unit.name, "url": reverse("org:unit", args=[unit.pk])},
        {"term": _("Level"), "value": level_of(congress)},
        {"term": _("Superior"), "value": congress.superior.name if congress.superior and unit.parent_id else "–"},
        {"term": _("Cycle"), "value": cycle.name},
        {
            "term": _("Directive"),
            "value": cycle.directive.symbol,
            "url": reverse("directives:document", args=[cycle.directive_id]),
        },
        {"term": _("Form"), "value": form_words(congress)},
        {"term": _("Pilot"), "value": _("yes") if congress.pilot else _("no")},
    ]
    if congress.summoned is not None:
        shown.append({"term": _("Present"), "value": f"{congress.present} / {congress.summoned}"})
    return [*shown, {"term": _("Rule pack"), "value": congress.pack}]


def _step(reader: User, step: Milestone) -> dict[str, Any]:
    late = step.reported_on is None and step.due is not None and step.due < clock.today()
    law = step.congress.law.milestones.get(step.key)
    own = law is None or law.reported
    return {
        "row": step,
        "words": milestone_words(step),
        "state": "done" if step.reported_on else "overdue" if late else "due",
        "cite": Citation(step.why["document"], step.why["article"]) if step.why else None,
        "confidence": step.why.get("confidence", ""),
        "own": own,
        "may_report": own and step.reported_on is None and bool(can(reader, actions.report_milestone, step)),
        "may_undo": own and step.reported_on is not None and _may_undo(reader, step),
        "version": {"row_version": step.version},
    }


def _may_undo(reader: User, step: Milestone) -> bool:
    with_superior = step.required and step.congress.state in (State.SUBMITTED, State.APPROVED)
    return not with_superior and bool(can(reader, actions.undo_report, step))


def _papers(stage: Stage) -> list[dict[str, Any]]:
    rows = list(stage.congress.papers.select_related("file"))
    kinds = paper_kinds(stage.congress.rules)
    groups = []
    for key, label in Paper.Stage.choices:
        shown = [_paper(stage, row, kinds) for row in rows if row.stage == key]
        if shown:
            groups.append({"label": label, "papers": shown})
    return groups


def _paper(stage: Stage, row: Paper, kinds: Mapping[str, str]) -> dict[str, Any]:
    row.congress = stage.congress
    verb = actions.withdraw_filed_paper if row.stage == Paper.Stage.AFTER else actions.withdraw_paper
    open_states = actions.WITHDRAWING[Paper.Stage(row.stage)]
    may = not row.withdrawn and stage.congress.state in open_states and bool(can(stage.reader, verb, row))
    file = files.shown(row.file, reverse("cycle:paper", args=[row.pk]))
    return {
        "row": row,
        "file": file,
        "kind": kinds.get(row.kind, row.kind),
        "may_withdraw": may,
        "version": {"row_version": row.version},
    }


def _paper_form(stage: Stage) -> Form | None:
    congress = stage.congress
    verb = actions.file_paper if congress.phase == "after" else actions.add_paper
    part = Paper.Stage.AFTER if congress.phase == "after" else Paper.Stage.PREPARATION
    if congress.state not in actions.ADDING[part] or not can(stage.reader, verb, congress):
        return None
    return stage.forms.get("paper_form") or PaperForm(congress=congress)


def _review(congress: Congress, review: Review) -> dict[str, Any]:
    review.congress = congress
    base = reverse("cycle:review_paper", args=[review.pk, "pdf"])[: -len("pdf")]
    languages = decisions.languages_of(review)
    own = congress.unit.organisation.language
    links = [
        {
            "label": f"{kind.upper()}" + ("" if language == own else f" ({language})"),
            "url": f"{base}{kind}?language={language}",
        }
        for language in sorted(languages, key=lambda code: code != own)
        for kind in ("docx", "pdf")
    ]
    return {"row": review, "links": links}


def _contests_url(congress: Congress) -> str:
    try:
        return reverse("elections:contests_of", args=[congress.pk])
    except NoReverseMatch:
        return ""


def _below(reader: User, congress: Congress) -> reads.Standing | None:
    standing = reads.progress(reader, congress.cycle, congress.unit)
    return standing if standing.sums.total else None


# History ------------------------------------------------------------------------------------------

ENTRY_WORDS = {
    "cycle.set_date": (gettext_lazy("date set"), "calendar"),
    "cycle.withdraw_date": (gettext_lazy("date withdrawn"), "calendar"),
    "cycle.report_milestone": (gettext_lazy("step reported"), "check"),
    "cycle.undo_report": (gettext_lazy("report taken back"), "return"),
    "cycle.submit": (gettext_lazy("preparation submitted"), "send"),
    "cycle.return_with_findings": (gettext_lazy("returned with findings"), "return"),
    "cycle.approve": (gettext_lazy("preparation approved"), "stamp"),
    "cycle.open_congress": (gettext_lazy("congress opened"), "live"),
    "cycle.close_congress": (gettext_lazy("congress closed"), "assembly"),
    "cycle.file_result": (gettext_lazy("result filed"), "folder"),
    "cycle.recognise": (gettext_lazy("result recognised"), "seal"),
    "cycle.send_back": (gettext_lazy("result sent back"), "folder-back"),
    "cycle.add_paper": (gettext_lazy("paper added"), "document"),
    "cycle.file_paper": (gettext_lazy("paper filed"), "document"),
    "cycle.withdraw_paper": (gettext_lazy("paper withdrawn"), "document"),
    "cycle.withdraw_filed_paper": (gettext_lazy("paper withdrawn"), "document"),
}


def _history(
    reader: User, congress: Congress, steps: Sequence[Milestone], reviews: Sequence[Review]
) -> list[dict[str, Any]]:
    """The lines of the minute book about the congress; who may not read the book sees the states and their days."""
    if not any(congress.unit.path.startswith(path) for path in scopes(reader, "core.view_book")):
        return [
            {"when": date.fromisoformat(day), "what": "", "state": state} for state, day in reversed(congress.trail)
        ]
    papers = congress.papers.values_list("pk", flat=True)
    about = Q(subject_type="cycle.congress", subject_id=congress.pk)
    about |= Q(subject_type="cycle.milestone", subject_id__in=[step.pk for step in steps])
    about |= Q(subject_type="cycle.paper", subject_id__in=list(papers))
    words = {step.pk: milestone_words(step) for step in steps}
    lines = [_line(entry, words) for entry in entries_of(reader).filter(about)[:HISTORY]]
    return [
        *lines,
        *({"when": date.fromisoformat(day), "what": "", "state": state} for state, day in congress.trail[:1]),
    ]


def _line(entry: Entry, steps: Mapping[int, str]) -> dict[str, Any]:
    words, icon = ENTRY_WORDS.get(entry.action, (entry.action, "history"))
    detail = steps.get(entry.subject_id or 0, "") if entry.subject_type == "cycle.milestone" else ""
    return {
        "when": entry.at,
        "what": str(words),
        "detail": detail,
        "icon": icon,
        "who": str(entry.actor),
        "office": entry.office,
        "number": entry.seq,
        "hash": entry.hash,
        "url": reverse("core:entry", args=[entry.seq]),
    }
