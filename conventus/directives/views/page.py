"""What the pages of the register share: the way back, the chips of a filter, lines of the minute book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.models import Entry
from conventus.core.rights import scopes
from conventus.core.rules import N_
from conventus.core.views import me
from conventus.directives.models import Document

Crumbs = list[dict[str, Any]]


def crumbs(*steps: tuple[Any, str]) -> Crumbs:
    """The way to a page of the register; the last step is the page itself."""
    first = {"label": _("Documents"), "url": reverse("directives:documents")}
    return [first, *({"label": label, "url": url} for label, url in steps)]


def document_crumbs(document: Document, *steps: tuple[Any, str]) -> Crumbs:
    """The way to a page below a document."""
    return crumbs((document.symbol, reverse("directives:document", args=[document.pk])), *steps)


def chips(request: HttpRequest, form: Form, labels: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The filters that are set, each with the address without it; `labels` names further parameters of the address."""
    further = labels or {}
    named = {name: f"{field.label}: {_words(form, name)}" for name, field in form.fields.items()}
    shown = {name: words for name, words in {**named, **further}.items() if request.GET.get(name)}
    return [{"label": words, "url": f"?{_without(request, name)}"} for name, words in shown.items()]


def _words(form: Form, name: str) -> Any:
    value = form[name].value()
    choices = dict(getattr(form.fields[name], "choices", ()))
    return choices.get(value, value)


def _without(request: HttpRequest, *names: str) -> str:
    dropped = {*names, "page", "_export"}
    return urlencode([(key, one) for key, many in request.GET.lists() for one in many if key not in dropped])


VERBS = {
    "register_document": N_("entered into the register"),
    "change_document": N_("changed"),
    "link_document": N_("related to another document"),
    "unlink_document": N_("relation taken back"),
    "add_item": N_("task added"),
    "change_item": N_("task changed"),
    "remove_item": N_("task removed"),
    "put_in_force": N_("put in force"),
    "extend": N_("laid on new units"),
    "withdraw": N_("withdrawn"),
    "fulfil": N_("reported done"),
    "reopen": N_("opened again"),
}


def history(request: HttpRequest, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Lines of the minute book as the timeline shows them, with links for those who may open the book."""
    linked = bool(scopes(me(request), "core.view_book"))
    return [_line(entry, linked) for entry in entries]


def _line(entry: Entry, linked: bool) -> dict[str, Any]:
    verb = entry.action.partition(".")[2]
    return {
        "when": entry.at,
        "what": _(VERBS[verb]) if verb in VERBS else entry.action,
        "detail": _figures(entry.after),
        "who": str(entry.actor),
        "office": entry.office,
        "number": entry.seq,
        "url": reverse("core:entry", args=[entry.seq]) if linked else "",
    }


def _figures(after: Mapping[str, Any]) -> str:
    """How many duties a line made and ended."""
    made = sum(after["obligations"].values()) if isinstance(after.get("obligations"), dict) else 0
    words = [_("duties laid on units: %(count)s") % {"count": made}] if made else []
    if after.get("lapsed"):
        words.append(_("duties lapsed: %(count)s") % {"count": after["lapsed"]})
    return ", ".join(words)
