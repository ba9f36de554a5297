"""Tables of congresses."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conventus.core.tables import EXPORTS, NUMBER, PER_PAGE, badge
from conventus.core.templatetags.ui import day
from conventus.cycle.models import Congress
from conventus.cycle.terms import days_words, level_of


class CongressTable(tables.Table):  # type: ignore[misc]
    """The congresses below a unit; rows carry `done_steps`, `all_steps`, `is_late` and `state_order`."""

    unit = tables.Column(_("Unit"), order_by=("unit__path",))
    code = tables.Column(_("Code"), accessor="unit__code", order_by=("unit__code",), visible=False)
    level = tables.Column(_("Level"), accessor="unit__level", order_by=("unit__level", "unit__path"))
    kind = tables.Column(_("Kind"), accessor="unit__kind", order_by=("unit__kind", "unit__path"))
    state = tables.Column(_("State"), order_by=("state_order", "unit__path"))
    starts_on = tables.Column(_("Date"), empty_values=(), order_by=("starts_on", "unit__path"))
    ends_on = tables.Column(_("Until"), visible=False)
    half_days = tables.Column(_("Length"))
    venue = tables.Column(_("Venue"), visible=False)
    window = tables.Column(_("Window"), accessor="window_from", order_by=("window_to", "window_from"))
    steps = tables.Column(_("Steps"), accessor="done_steps", empty_values=(), attrs=NUMBER)
    pilot = tables.BooleanColumn(verbose_name=_("Pilot"), visible=False)
    late = tables.Column(_("Late"), accessor="is_late", visible=False)

    caption = _("Congresses")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    empty_icon = "cycle"
    empty_title = _("No congress matches")
    empty_text = _("Change the filters, or generate the congresses of this unit.")

    class Meta:
        order_by = "unit"

    def render_unit(self, record: Congress) -> str:
        """The unit, linked to its congress."""
        link = format_html('<a href="{}">{}</a>', reverse("cycle:congress", args=[record.pk]), record.unit.name)
        mark = format_html(' <span class="badge is-info">{}</span>', _now("pilot")) if record.pilot else ""
        return format_html("{}{}", link, mark)

    def value_unit(self, record: Congress) -> str:
        """The unit's name."""
        return record.unit.name

    def render_level(self, record: Congress) -> str:
        """The organisation's word for the level."""
        return level_of(record)

    def render_state(self, record: Congress) -> str:
        """The state, marked when the congress is behind."""
        late = format_html(' <span class="badge is-danger">{}</span>', _now("late")) if _late(record) else ""
        return format_html("{}{}", badge(record.state, ""), late)

    def value_state(self, record: Congress) -> str:
        """The state in words."""
        return record.get_state_display()

    def render_starts_on(self, record: Congress) -> str:
        """From when to when."""
        return dates(record)

    def value_starts_on(self, record: Congress) -> Any:
        """The first day."""
        return record.starts_on

    def render_half_days(self, value: int) -> str:
        """The length in days."""
        return days_words(value)

    def value_half_days(self, value: int) -> float:
        """The length in days, as a number."""
        return value / 2

    def render_window(self, record: Congress) -> str:
        """From when to when it may be held."""
        return f"{day(record.window_from)} – {day(record.window_to)}"

    def value_window(self, record: Congress) -> str:
        """The window for other programs."""
        return f"{record.window_from}/{record.window_to}"

    def render_steps(self, record: Congress) -> str:
        """Milestones reported, of how many."""
        return f"{getattr(record, 'done_steps', 0)}/{getattr(record, 'all_steps', 0)}"

    def value_steps(self, record: Congress) -> str:
        """The same."""
        return self.render_steps(record)

    def value_late(self, record: Congress) -> str:
        """Whether it is behind."""
        return _now("yes") if _late(record) else _now("no")


def _late(record: Congress) -> bool:
    return bool(getattr(record, "is_late", False))


def dates(congress: Congress) -> str:
    """The days of a congress in words, with the half day on which it begins."""
    if congress.starts_on is None:
        return "–"
    start = f"{day(congress.starts_on)}, {congress.get_start_half_display()}"
    return start if congress.ends_on == congress.starts_on else f"{start} – {day(congress.ends_on)}"


class DecisionTable(tables.Table):  # type: ignore[misc]
    """What waits for a decision of the superior."""

    unit = tables.Column(_("Unit"), order_by=("unit__path",))
    superior = tables.Column(_("Superior"), accessor="unit__parent__name", order_by=("unit__parent__path",))
    state = tables.Column(_("State"))
    starts_on = tables.Column(_("Date"), empty_values=())
    since = tables.Column(_("Waiting since"), empty_values=(), orderable=False)

    caption = _("Waiting for a decision")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    empty_icon = "success"
    empty_title = _("Nothing waits")
    empty_text = _("Preparations that units submit and results that they file appear here.")

    class Meta:
        order_by = "starts_on"

    render_unit, value_unit = CongressTable.render_unit, CongressTable.value_unit
    render_starts_on, value_starts_on = CongressTable.render_starts_on, CongressTable.value_starts_on
    value_state = CongressTable.value_state

    def render_state(self, record: Congress) -> str:
        """The state."""
        return badge(record.state, "")

    def render_since(self, record: Congress) -> str:
        """The day on which it came."""
        return day(since(record))

    def value_since(self, record: Congress) -> Any:
        """The day as a date."""
        return since(record)


def since(congress: Congress) -> Any:
    """The day on which the congress reached its state."""
    from datetime import date

    return date.fromisoformat(congress.trail[-1][1]) if congress.trail else None
