"""The papers of a congress: those of the preparation and those of the result."""

from __future__ import annotations

from typing import Any

from django.core.files.base import File

from conventus.core import clock, files
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.cycle.models import Congress, Paper

refusal_texts(
    "cycle",
    {
        "papers_closed": N_("The papers are with the superior. They can be changed when they have been returned."),
        "paper_withdrawn": N_("This paper was withdrawn already."),
        "paper_untitled": N_("Give the paper a title."),
    },
)

State = Congress.State
ADDING = {
    Paper.Stage.PREPARATION: (State.PLANNED, State.DATED, State.RETURNED, State.APPROVED),
    Paper.Stage.AFTER: (State.HELD, State.SENT_BACK),
}
WITHDRAWING = {
    Paper.Stage.PREPARATION: (State.PLANNED, State.DATED, State.RETURNED),
    Paper.Stage.AFTER: (State.HELD, State.SENT_BACK),
}


@action("cycle.prepare", phases=("preparation",))
def add_paper(actor: User, congress: Congress, *, kind: str, title: str, file: File[Any]) -> Paper:
    """File a document of the preparation."""
    return _add(actor, congress, Paper.Stage.PREPARATION, kind, title, file)


@action("cycle.file", phases=("after",))
def file_paper(actor: User, congress: Congress, *, kind: str, title: str, file: File[Any]) -> Paper:
    """File a paper of the result."""
    return _add(actor, congress, Paper.Stage.AFTER, kind, title, file)


@action("cycle.prepare", phases=("preparation",))
def withdraw_paper(actor: User, paper: Paper) -> Paper:
    """Withdraw a document of the preparation; it stays on record as withdrawn."""
    return _withdraw(paper, Paper.Stage.PREPARATION)


@action("cycle.file", phases=("after",))
def withdraw_filed_paper(actor: User, paper: Paper) -> Paper:
    """Withdraw a paper of the result; it stays on record as withdrawn."""
    return _withdraw(paper, Paper.Stage.AFTER)


def _add(actor: User, congress: Congress, stage: Paper.Stage, kind: str, title: str, file: File[Any]) -> Paper:
    if congress.state not in ADDING[stage]:
        raise Refusal("cycle.papers_closed")
    if not title.strip():
        raise Refusal("cycle.paper_untitled", field="title")
    stored = files.store(actor, file)
    note(congress=congress.pk)
    return Paper.objects.create(
        congress=congress,
        stage=stage,
        kind=kind,
        title=title.strip(),
        file=stored,
        sha256=stored.sha256,
        filed_on=clock.today(),
    )


def _withdraw(paper: Paper, stage: Paper.Stage) -> Paper:
    if paper.withdrawn:
        raise Refusal("cycle.paper_withdrawn")
    if paper.stage != stage or paper.congress.state not in WITHDRAWING[stage]:
        raise Refusal("cycle.papers_closed")
    paper.withdrawn = True
    paper.save()
    return paper
