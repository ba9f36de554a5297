"""Tables of the elections: candidates, results."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conventus.core.tables import EXPORTS, NOWRAP, NUMBER, PER_PAGE
from conventus.elections.models import Candidate, VoteCount

HASH = {"td": {"class": "hash"}}


class CandidateTable(tables.Table):  # type: ignore[misc]
    """The list of a contest. `row_actions` adds a column that is drawn by a template."""

    name = tables.Column(_("Name"), order_by=("name",))
    order = tables.Column(_("No."), attrs=NUMBER, empty_values=(0,))
    born = tables.Column(_("Born"), default="")
    description = tables.Column(_("Description"), default="")
    source = tables.Column(_("Nominated"), default="")
    opinion_votes = tables.Column(_("Opinion votes"), default="", attrs=NUMBER)
    actions = tables.TemplateColumn(
        template_name="elections/_withdraw.html", verbose_name=_("Withdraw"), orderable=False, exclude_from_export=True
    )

    caption = _("Candidates")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    rows_per_page = PER_PAGE[-1]
    empty_icon = "people"
    empty_title = _("No name on the list yet")
    empty_text = _("Add the names that the committee has prepared.")

    class Meta:
        sequence = ("order", "name", "born", "description", "source", "opinion_votes", "actions")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        rows = kwargs.get("data") or args[0]
        hidden = [name for name in ("order", "born", "description") if not any(getattr(one, name) for one in rows)]
        hidden += [] if any(one.opinion_votes is not None for one in rows) else ["opinion_votes"]
        super().__init__(*args, exclude=(*kwargs.pop("exclude", ()), *hidden), **kwargs)

    def render_name(self, record: Candidate) -> Any:
        """The name; one that was withdrawn is struck out and says so."""
        if not record.withdrawn:
            return record.name
        return format_html('<s>{}</s> <span class="muted small">{}</span>', record.name, _("withdrawn"))

    def value_name(self, record: Candidate) -> str:
        """The name alone."""
        return record.name

    def render_source(self, record: Candidate) -> str:
        """Who nominated."""
        return str(record.get_source_display())

    def render_opinion_votes(self, record: Candidate) -> str:
        """Votes of those attending."""
        return f"{record.opinion_votes} / {record.attending}"


class LogTable(tables.Table):  # type: ignore[misc]
    """The entry log of a ballot."""

    seq = tables.Column(_("Line"), attrs=NUMBER)
    at = tables.DateTimeColumn(verbose_name=_("Time"), format="Y-m-d H:i:s", attrs=NOWRAP)
    by = tables.Column(_("Person"))
    office = tables.Column(_("Office"))
    what = tables.Column(_("What"))
    details = tables.Column(_("Details"), default="")
    seal = tables.Column(_("Seal"), default="", attrs=HASH)
    hash = tables.Column(_("Hash of the line"), attrs=HASH)
    prev = tables.Column(_("Hash of the line before"), visible=False)

    caption = _("Entry log")
    exports = EXPORTS
    per_page_choices = PER_PAGE
    rows_per_page = PER_PAGE[-1]
    scroll = True
    empty_icon = "book"
    empty_title = _("Nothing is recorded yet")

    class Meta:
        orderable = False


class ResultTable(tables.Table):  # type: ignore[misc]
    """The declared figures, for a file; the page draws them with bars."""

    place_in_order = tables.Column(_("Place"))
    number = tables.Column(_("No."), accessor="candidate__order")
    name = tables.Column(_("Name"), accessor="candidate__name")
    votes = tables.Column(_("Votes"))
    against = tables.Column(_("Disagree"), default="")
    share = tables.Column(_("Share of the base, %"), empty_values=())
    elected = tables.Column(_("Result"), empty_values=())

    class Meta:
        model = VoteCount
        fields = ("place_in_order", "number", "name", "votes", "against", "share", "elected")

    def __init__(self, *args: Any, base: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = base

    def render_share(self, record: VoteCount) -> str:
        """The share of the base."""
        return f"{100 * record.votes / self.base:.2f}" if self.base else ""

    def render_elected(self, record: VoteCount) -> str:
        """How the name came out."""
        return str(outcome_words(record))


def outcome_words(count: VoteCount) -> Any:
    """How a name came out of a ballot, in words."""
    if count.elected:
        return _("elected")
    if count.alternate:
        return _("alternate")
    return _("tied") if count.tied else _("not elected")
