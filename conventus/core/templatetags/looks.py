"""How states look wherever they appear: their words, icons and tones; congress states have colours of their own."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True)
class State:
    """How a state looks wherever it appears: its words, its icon, its tone."""

    name: str
    label: Words
    icon: str
    tone: str = "neutral"


def _state(name: str, label: Words, icon: str, tone: str = "neutral") -> tuple[str, State]:
    return name, State(name, label, icon, tone)


CONGRESS = dict(
    (
        _state("planned", pgettext_lazy("congress state", "planned"), "planned"),
        _state("dated", pgettext_lazy("congress state", "dated"), "calendar", "info"),
        _state("submitted", pgettext_lazy("congress state", "submitted"), "send", "info"),
        _state("returned", pgettext_lazy("congress state", "returned"), "return", "warn"),
        _state("approved", pgettext_lazy("congress state", "approved"), "stamp", "info"),
        _state("open", pgettext_lazy("congress state", "in session"), "live", "live"),
        _state("held", pgettext_lazy("congress state", "held"), "assembly", "ok"),
        _state("filed", pgettext_lazy("congress state", "result filed"), "folder", "ok"),
        _state("sent_back", pgettext_lazy("congress state", "result sent back"), "folder-back", "danger"),
        _state("recognised", pgettext_lazy("congress state", "recognised"), "seal", "ok"),
    )
)
"""The states of a congress, in the order of its life; they have colours of their own (tokens `--state-*`)."""

OTHERS = dict(
    (
        _state("draft", pgettext_lazy("state", "draft"), "edit"),
        _state("listed", pgettext_lazy("state", "list closed"), "list", "info"),
        _state("decided", pgettext_lazy("state", "decided"), "seal", "ok"),
        _state("prepared", pgettext_lazy("state", "prepared"), "ballot"),
        _state("issued", pgettext_lazy("state", "issued"), "send", "info"),
        _state("counting", pgettext_lazy("state", "being counted"), "compare", "live"),
        _state("differing", pgettext_lazy("state", "entries differ"), "warning", "danger"),
        _state("agreed", pgettext_lazy("state", "entries agree"), "check", "ok"),
        _state("declared", pgettext_lazy("state", "declared"), "seal", "ok"),
        _state("in_force", pgettext_lazy("state", "in force"), "check", "ok"),
        _state("replaced", pgettext_lazy("state", "replaced"), "history"),
        _state("expired", pgettext_lazy("state", "expired"), "clock"),
        _state("due", pgettext_lazy("state", "due"), "clock", "warn"),
        _state("overdue", pgettext_lazy("state", "overdue"), "error", "danger"),
        _state("done", pgettext_lazy("state", "done"), "check", "ok"),
        _state("waived", pgettext_lazy("state", "waived"), "minus"),
        _state("ready", pgettext_lazy("state", "ready"), "check", "ok"),
        _state("queued", pgettext_lazy("state", "waiting"), "clock"),
        _state("running", pgettext_lazy("state", "running"), "cycle", "live"),
        _state("failed", pgettext_lazy("state", "failed"), "error", "danger"),
        _state("cancelled", pgettext_lazy("state", "cancelled"), "stop"),
        _state("stated", pgettext_lazy("confidence", "stated"), "check", "ok"),
        _state("inferred", pgettext_lazy("confidence", "inferred"), "question", "warn"),
        _state("default", pgettext_lazy("confidence", "house default"), "info"),
    )
)


PATH = ("planned", "dated", "submitted", "approved", "open", "held", "filed", "recognised")
"""The way of a congress when nothing goes wrong."""

DETOURS = {"returned": "submitted", "sent_back": "filed"}
"""Where a congress that was turned back stands on that way."""


def state_of(name: str) -> State:
    """The look of a state; an unknown one is shown by its own name, in neutral colours."""
    return CONGRESS.get(name) or OTHERS.get(name) or State(name, name.replace("_", " "), "blank")
