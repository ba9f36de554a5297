"""The organisation's words for types, tasks and levels, the register's for states, in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from conventus.core.packs import Pack
from conventus.directives.models import Document, PlanItem

STANDINGS: dict[str, str | Promise] = {
    "draft": _("draft"),
    "coming": _("not valid yet"),
    "in_force": _("in force"),
    "replaced": _("replaced"),
    "expired": _("expired"),
    "withdrawn": _("withdrawn"),
}
"""How a document stands on a day."""

DUTIES: dict[str, str | Promise] = {
    "due": _("due"),
    "overdue": _("overdue"),
    "done": _("done"),
    "lapsed": _("lapsed"),
}
"""How an obligation stands on a day."""


def term(pack: Pack, word: str) -> str:
    """The organisation's own word for `word` (`task.submit_documents`)."""
    return pack.term(word, (get_language() or "en").partition("-")[0])


def type_words(document: Document) -> str:
    """What kind of document it is: “directive”."""
    return term(document.unit.rules, f"document_type.{document.type}")


def task_words(item: PlanItem) -> str:
    """The task of a plan item in the organisation's words."""
    return term(item.document.unit.rules, f"task.{item.task}")


def level_words(pack: Pack, level: str) -> str | Promise:
    """The name of a level; of no level, that every one is meant."""
    return term(pack, f"level.{level}") if level else _("every level below")
