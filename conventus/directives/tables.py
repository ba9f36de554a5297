"""Tables of the register: documents, whom a plan covers, obligations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conventus.core import clock
from conventus.core.tables import EXPORTS, NOWRAP, NUMBER, PER_PAGE, answered, badge
from conventus.core.templatetags.ui import day, due_words
from conventus.directives.models import Document, Obligation
from conventus.directives.terms import DUTIES, STANDINGS, level_words, task_words, type_words

__all__ = ["EXPORTS", "NUMBER", "PER_PAGE", "CoverTable", "DocumentTable", "ObligationTable", "answered", "badge"]


class DocumentTable(tables.Table):  # type: ignore[misc]
    """The register."""

    symbol = tables.Column(_("Symbol"), attrs=NOWRAP)
    title = tables.Column(_("Title"))
    type = tables.Column(_("Type"))
    issuing_body = tables.Column(_("Issued by"))
    issued_on = tables.Column(_("Issued on"), attrs=NOWRAP)
    valid_from = tables.Column(_("Valid"))
    state = tables.Column(_("State"))
    tasks = tables.Column(_("Tasks"), attrs=NUMBER)

    caption = _("Documents")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    empty_icon = "document"
    empty_title = _("No document matches")
    empty_text = _("Change the filters, or register the first one.")

    class Meta:
        order_by = "-issued_on"

    def render_symbol(self, record: Document) -> str:
        """The symbol, marked when the issuer has another document with the same one."""
        link = format_html('<a href="{}">{}</a>', reverse("directives:document", args=[record.pk]), record.symbol)
        if not getattr(record, "number_seen", False):
            return link
        return format_html("{} {}", link, render_to_string("directives/number_seen.html"))

    def value_symbol(self, record: Document) -> str:
        """The symbol alone."""
        return record.symbol

    def render_type(self, record: Document) -> str:
        """The organisation's word for the type."""
        return type_words(record)

    def render_issued_on(self, record: Document) -> str:
        """The day in the reader's style."""
        return day(record.issued_on)

    def value_issued_on(self, record: Document) -> Any:
        """The day as a date."""
        return record.issued_on

    def render_valid_from(self, record: Document) -> str:
        """From when, where that is not the day of issue, to when."""
        start = "" if record.valid_from == record.issued_on else gettext("from %s") % day(record.valid_from)
        end = gettext("until %s") % day(record.valid_to) if record.valid_to else ""
        return f"{start} {end}".strip() or gettext("since its issue")

    def value_valid_from(self, record: Document) -> str:
        """From when to when, for other programs."""
        return f"{record.valid_from}/{record.valid_to or '..'}"

    def render_tasks(self, value: int) -> str:
        """How many tasks it sets; nothing where it sets none."""
        return str(value or "")

    def value_tasks(self, value: int) -> int:
        """The number, also of none."""
        return value

    def render_state(self, record: Document) -> str:
        """How it stands today."""
        standing = record.standing(clock.today())
        return badge(standing, STANDINGS[standing])

    def value_state(self, record: Document) -> str:
        """How it stands today, in words."""
        return str(STANDINGS[record.standing(clock.today())])


class ObligationTable(tables.Table):  # type: ignore[misc]
    """Who owes what by when."""

    unit = tables.Column(_("Unit"), order_by=("unit__path",))
    code = tables.Column(_("Code"), accessor="unit__code", order_by=("unit__code",), visible=False)
    task = tables.Column(_("Task"), order_by=("item__text",))
    document = tables.Column(_("Plan"), accessor="item__document__symbol", order_by=("item__document__symbol",))
    due = tables.Column(_("Due on"))
    state = tables.Column(_("State"), order_by=("state", "due"))
    done_on = tables.Column(_("Done on"), empty_values=())
    evidence = tables.Column(_("What shows it"), visible=False)

    caption = _("Obligations")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    empty_icon = "check"
    empty_title = _("No obligation matches")
    empty_text = _("Change the filters. Obligations come from plans that are put in force.")

    class Meta:
        order_by = ("due", "unit")

    def render_unit(self, record: Obligation) -> str:
        """The unit; the link leads to the obligation."""
        return format_html('<a href="{}">{}</a>', reverse("directives:obligation", args=[record.pk]), record.unit)

    def value_unit(self, record: Obligation) -> str:
        """The unit's name."""
        return record.unit.name

    def render_task(self, record: Obligation) -> str:
        """The task in the plan's words."""
        return record.item.text

    def render_document(self, record: Obligation) -> str:
        """The plan, with the provision."""
        plan = record.item.document
        link = format_html('<a href="{}">{}</a>', reverse("directives:document", args=[plan.pk]), plan.symbol)
        return format_html("{} {}", link, record.item.provision)

    def value_document(self, record: Obligation) -> str:
        """The plan's key, with the provision."""
        return f"{record.item.document.key} {record.item.provision}".strip()

    def render_due(self, record: Obligation) -> str:
        """The day, and how far off it is while the duty is open."""
        if record.state != Obligation.State.OPEN:
            return day(record.due)
        words = due_words(record.due)
        return format_html('<span class="nowrap">{}</span> <span class="muted small">{}</span>', day(record.due), words)

    def value_due(self, record: Obligation) -> Any:
        """The day as a date."""
        return record.due

    def render_state(self, record: Obligation) -> str:
        """How it stands today."""
        standing = record.standing(clock.today())
        return badge(standing, DUTIES[standing])

    def value_state(self, record: Obligation) -> str:
        """How it stands today, in words."""
        return str(DUTIES[record.standing(clock.today())])

    def render_done_on(self, record: Obligation) -> str:
        """The day it was done."""
        return day(record.done_on)

    def value_done_on(self, record: Obligation) -> Any:
        """The day as a date."""
        return record.done_on


class CoverTable(tables.Table):  # type: ignore[misc]
    """Which units a plan covers: one row per unit and task."""

    name = tables.Column(_("Unit"))
    code = tables.Column(_("Code"))
    level = tables.Column(_("Level"))
    kind = tables.Column(_("Kind"))
    task = tables.Column(_("Task"))
    start = tables.Column(_("From"))
    due = tables.Column(_("Due on"))

    caption = _("Units covered")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    empty_icon = "units"
    empty_title = _("No unit is covered")
    empty_text = _("Check level, kinds and named units of the tasks.")

    def render_start(self, value: Any) -> str:
        """The day in the reader's style."""
        return day(value)

    def render_due(self, value: Any) -> str:
        """The day in the reader's style."""
        return day(value)

    def value_start(self, value: Any) -> Any:
        """The day as a date."""
        return value

    def value_due(self, value: Any) -> Any:
        """The day as a date."""
        return value


def cover_rows(covers: Iterable[Any], folded_words: list[str]) -> list[dict[str, Any]]:
    """The rows of `CoverTable`: each unit of each cover whose name or code has all of `folded_words`."""
    return [
        {
            "name": unit.name,
            "code": unit.code,
            "level": str(level_words(cover.item.document.unit.rules, unit.level)),
            "kind": unit.kind,
            "task": cover.item.text or task_words(cover.item),
            "start": cover.item.start,
            "due": cover.item.due,
        }
        for cover in covers
        for unit in cover.units
        if all(word in unit.folded for word in folded_words)
    ]
