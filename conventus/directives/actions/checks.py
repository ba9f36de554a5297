"""What several verbs ask before they write."""

from __future__ import annotations

from conventus.core.rules import N_, Refusal, each_of, raise_all, refusal_texts
from conventus.directives import reads, rules
from conventus.directives.models import Document, PlanItem

refusal_texts(
    "directives",
    {
        "not_draft": N_("%(symbol)s was put in force on %(day)s. Register a new document that replaces it."),
        "withdrawn_already": N_("%(symbol)s was withdrawn on %(day)s already."),
        "reason_missing": N_("Say why. The reason is shown to everybody who sees it."),
    },
)


def refuse_unless_draft(document: Document) -> None:
    """Refuse to change what was put in force or withdrawn."""
    refuse_withdrawn(document)
    if document.state != Document.State.DRAFT:
        raise Refusal("directives.not_draft", symbol=document.symbol, day=document.enforced_on)


def refuse_withdrawn(document: Document) -> None:
    """Refuse to touch what was withdrawn."""
    if document.state == Document.State.WITHDRAWN:
        raise Refusal("directives.withdrawn_already", symbol=document.symbol, day=document.withdrawn_on)


def check_items(document: Document) -> None:
    """Check every item against the document as it is about to be, telling all that is wrong at once."""
    superior, found = reads.superior_items(document), []
    for item in reads.items_of(document):
        item.document = document
        try:
            rules.check_item(document.law, item.facts(), document.facts(), superior)
        except Refusal as refusal:
            found += [_of_item(one, item) for one in each_of(refusal)]
    raise_all(found)


def _of_item(refusal: Refusal, item: PlanItem) -> Refusal:
    refusal.field = f"item-{item.pk}"
    return refusal
