"""Tables of the room: units, people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from conventus.core.rights import Reader, scopes
from conventus.core.tables import EXPORTS, NUMBER, PER_PAGE
from conventus.core.templatetags.ui import day
from conventus.org import reads
from conventus.org.models import STEP, Membership, Unit
from conventus.org.terms import holding_words, level_words, membership_words


class _Table(tables.Table):  # type: ignore[misc]
    """A table that looks up what its shown rows need in one go."""

    exports = EXPORTS
    per_page_choices = PER_PAGE

    def look_up(self, records: Sequence[Any]) -> None:
        """Prepare for `records`, the rows of the page or of the whole file."""


class UnitTable(_Table):
    """Units in a list: `below` and `members` are looked up for the rows that are shown."""

    name = tables.Column(_("Unit"), order_by=("folded",))
    code = tables.Column(_("Code"))
    level = tables.Column(_("Level"))
    kind = tables.Column(_("Kind"), default="")
    parent = tables.Column(_("Superior"), accessor="parent__name", order_by=("parent__folded",), default="")
    parent_code = tables.Column(_("Code of the superior"), accessor="parent__code", visible=False, default="")
    below = tables.Column(_("Units below"), empty_values=(), orderable=False, attrs=NUMBER)
    members = tables.Column(_("Members with a vote"), empty_values=(), orderable=False, attrs=NUMBER)
    valid_from = tables.Column(_("From"), visible=False, default="")
    valid_to = tables.Column(_("Until"), visible=False, default="")

    caption = _("Units")
    empty_icon = "units"
    empty_title = _("No unit matches")
    empty_text = _("Change the words or the filters.")

    class Meta:
        order_by = ()

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = tuple(scopes(reader, "org.view"))
        """The paths below which the reader sees units; a superior above them is not named."""
        self.seen_people = tuple(scopes(reader, "org.view_people"))
        self.counts_below: dict[int, int] = {}
        self.counts_members: dict[int, int] = {}

    def look_up(self, records: Sequence[Any]) -> None:
        """Count what stands below the shown units, and their members."""
        self.counts_below = reads.child_counts(records)
        self.counts_members = reads.official_members(records)

    def superior(self, record: Unit) -> Unit | None:
        """The superior unit, if the reader may see it."""
        return record.parent if record.path[:-STEP].startswith(self.seen) else None

    def render_name(self, record: Unit) -> str:
        """The name, leading to the unit's page."""
        return format_html('<a href="{}">{}</a>', reverse("org:unit", args=[record.pk]), record.name)

    def value_name(self, record: Unit) -> str:
        """The name alone."""
        return record.name

    def render_level(self, record: Unit) -> str:
        """The organisation's word for the level."""
        return level_words(record)

    def value_level(self, record: Unit) -> str:
        """The level as an import takes it."""
        return record.level

    def render_parent(self, record: Unit) -> str:
        """The superior unit, leading to its page."""
        parent = self.superior(record)
        if parent is None:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("org:unit", args=[parent.pk]), parent.name)

    def value_parent(self, record: Unit) -> str:
        """The superior unit's name."""
        parent = self.superior(record)
        return parent.name if parent else ""

    def value_parent_code(self, record: Unit) -> str:
        """The superior unit's code."""
        parent = self.superior(record)
        return parent.code if parent else ""

    def render_below(self, record: Unit) -> Any:
        """How many units stand directly below, leading to them."""
        count = self.counts_below.get(record.pk, 0)
        return format_html('<a href="{}#below">{}</a>', reverse("org:unit", args=[record.pk]), count) if count else 0

    def value_below(self, record: Unit) -> int:
        """How many units stand directly below."""
        return self.counts_below.get(record.pk, 0)

    def render_members(self, record: Unit) -> Any:
        """How many members with a vote it has, with all below, leading to them."""
        count = self.counts_members.get(record.pk, 0)
        if not count or not record.path.startswith(self.seen_people):
            return count
        return format_html('<a href="{}?kind=vote">{}</a>', reverse("org:people", args=[record.pk]), count)

    def value_members(self, record: Unit) -> int:
        """How many members with a vote it has, with all below."""
        return self.counts_members.get(record.pk, 0)

    def value_valid_from(self, record: Unit) -> Any:
        """The first day."""
        return record.valid_from or ""

    def value_valid_to(self, record: Unit) -> Any:
        """The last day."""
        return record.valid_to or ""


class ChildTable(UnitTable):
    """The units directly below one."""

    caption = _("Directly below")
    empty_title = _("No unit stands below this one")
    empty_text = _("Found the first one, or import them from a file.")

    class Meta:
        exclude = ("level", "parent", "parent_code")
        prefix = "below-"


class PeopleTable(_Table):
    """Memberships with the person, the unit and the posts, which are looked up for the rows that are shown."""

    name = tables.Column(_("Name"), accessor="person__name", order_by=("person__folded",))
    number = tables.Column(_("Number"), accessor="person__code", order_by=("person__code",))
    unit = tables.Column(_("Unit"), accessor="unit__name", order_by=("unit__path",))
    unit_code = tables.Column(_("Code of the unit"), accessor="unit__code", visible=False)
    kind = tables.Column(_("Membership"))
    posts = tables.Column(_("Posts"), empty_values=(), orderable=False)
    valid_from = tables.Column(_("Since"))
    born = tables.Column(_("Born on"), accessor="person__born", visible=False, default="")
    gender = tables.Column(_("Sex"), accessor="person__gender", visible=False, default="")

    caption = _("People")
    empty_icon = "people"
    empty_title = _("Nobody matches")
    empty_text = _("Change the words or the filters.")

    class Meta:
        order_by = "name"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts_of: dict[int, list[str]] = {}

    def look_up(self, records: Sequence[Any]) -> None:
        """Find the posts that the shown people hold today."""
        held = reads.posts_held_by([record.person_id for record in records])
        self.posts_of = {person: [holding_words(one) for one in many] for person, many in held.items()}

    def render_name(self, record: Membership) -> str:
        """The name, leading to the person's page."""
        return format_html('<a href="{}">{}</a>', reverse("org:person", args=[record.person_id]), record.person.name)

    def value_name(self, record: Membership) -> str:
        """The name alone."""
        return record.person.name

    def render_unit(self, record: Membership) -> str:
        """The unit, leading to its page."""
        return format_html('<a href="{}">{}</a>', reverse("org:unit", args=[record.unit_id]), record.unit.name)

    def value_unit(self, record: Membership) -> str:
        """The unit's name."""
        return record.unit.name

    def render_kind(self, record: Membership) -> str:
        """The organisation's word for the kind of membership."""
        return membership_words(record)

    def render_posts(self, record: Membership) -> str:
        """The posts held today, one a line."""
        return format_html_join(
            mark_safe("<br>"), "{}", ((words,) for words in self.posts_of.get(record.person_id, ()))
        )

    def value_posts(self, record: Membership) -> str:
        """The posts held today."""
        return "; ".join(self.posts_of.get(record.person_id, ()))

    def render_valid_from(self, record: Membership) -> str:
        """The day in the reader's style."""
        return day(record.valid_from)

    def value_valid_from(self, record: Membership) -> Any:
        """The day as a date."""
        return record.valid_from

    def value_born(self, record: Membership) -> Any:
        """The day as a date."""
        return record.person.born or ""


class FateTable(_Table):
    """What becomes of each unit of a plan: who follows it, and with how many members."""

    name = tables.Column(_("Unit"))
    code = tables.Column(_("Code"))
    members = tables.Column(_("Members"), attrs=NUMBER)
    whole = tables.Column(_("Goes"))
    new_name = tables.Column(_("To"))
    new_code = tables.Column(_("Code there"))

    caption = _("What becomes of the units")
    empty_icon = "units"
    empty_title = _("No unit yet")
    empty_text = _("Add what is to happen.")

    def render_name(self, record: dict[str, Any]) -> str:
        """The name, leading to the unit's page."""
        return format_html('<a href="{}">{}</a>', reverse("org:unit", args=[record["pk"]]), record["name"])

    def value_name(self, record: dict[str, Any]) -> str:
        """The name alone."""
        return str(record["name"])

    def render_whole(self, record: dict[str, Any]) -> Any:
        """As a whole, or a part."""
        return _("as a whole") if record["whole"] else _("in part")

    def value_whole(self, record: dict[str, Any]) -> str:
        """As a plan file has it."""
        return "whole" if record["whole"] else "part"
