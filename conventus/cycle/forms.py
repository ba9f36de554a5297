"""Forms of the room: they check shape, the actions ask the law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conventus.core.files import ACCEPT
from conventus.core.forms import LawForm, date_field
from conventus.cycle.models import Congress, Half
from conventus.cycle.rules import LevelLaw
from conventus.cycle.terms import days_words, paper_kinds
from conventus.directives.models import Document


class CycleForm(LawForm):
    """A cycle to be opened for a unit that is known."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as 2025–2030."))
    term_from = forms.IntegerField(label=_("First year of the term"), min_value=1900, max_value=2200)
    term_to = forms.IntegerField(label=_("Last year of the term"), min_value=1900, max_value=2200)
    directive = forms.ModelChoiceField(
        Document.objects.none(),
        label=_("Directive"),
        empty_label=None,
        help_text=_("A document in force, issued by this unit or one above it, that opens the cycle."),
    )

    def __init__(self, *args: Any, documents: QuerySet[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["directive"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = documents
        field.label_from_instance = lambda row: f"{row.symbol} · {row.title}"[:120]  # type: ignore[method-assign, assignment]


def length_choices(most: int, present: int) -> list[tuple[int, str]]:
    """Lengths in half days up to the longest that the pack allows, written as days."""
    return [(count, days_words(count)) for count in range(1, max(most, present) + 1)]


class DateForm(LawForm):
    """The day, length and place of one congress."""

    starts_on = date_field(_("Starts on"))
    start_half = forms.ChoiceField(label=_("In the"), choices=Half.choices)
    half_days = forms.TypedChoiceField(label=_("Length"), coerce=int)
    preparatory = forms.TypedChoiceField(
        label=_("Of it preparatory session"), coerce=int, help_text=_("It counts inside the length.")
    )
    venue = forms.CharField(label=_("Venue"), max_length=200)

    def __init__(self, *args: Any, congress: Congress, level: LevelLaw | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial_date(congress))
        super().__init__(*args, subject=congress, **kwargs)
        _lengths(self, congress, level)
        self.fields["starts_on"].widget.attrs |= window_attrs(congress)
        if level is None or not _longest(congress, level, "preparatory"):
            del self.fields["preparatory"]


def _longest(congress: Congress, level: LevelLaw | None, name: str) -> int:
    return getattr(level, name).at(congress.starts_on or congress.window_to).value if level else 0


def _lengths(form: forms.Form, congress: Congress, level: LevelLaw | None) -> None:
    lengths = form.fields["half_days"]
    assert isinstance(lengths, forms.TypedChoiceField)
    lengths.choices = length_choices(_longest(congress, level, "half_days"), congress.half_days)
    if "preparatory" in form.fields:
        session = form.fields["preparatory"]
        assert isinstance(session, forms.TypedChoiceField)
        longest = max(_longest(congress, level, "preparatory"), congress.preparatory)
        session.choices = [(count, days_words(count) if count else _("none")) for count in range(longest + 1)]


def window_attrs(congress: Congress) -> dict[str, str]:
    """The window for the browser's date picker; the law itself is asked by the action."""
    return {"min": congress.window_from.isoformat(), "max": congress.window_to.isoformat()}


def initial_date(congress: Congress) -> dict[str, Any]:
    """What a form shows of the date on record."""
    names = ("starts_on", "start_half", "half_days", "preparatory", "venue")
    return {name: getattr(congress, name) for name in names}


class RowDateForm(LawForm):
    """One row of the table in which many congresses are dated; an empty day leaves the row alone."""

    starts_on = date_field(_("Starts on"), required=False)
    start_half = forms.ChoiceField(label=_("In the"), choices=Half.choices)
    half_days = forms.TypedChoiceField(label=_("Length"), coerce=int)
    venue = forms.CharField(label=_("Venue"), max_length=200, required=False)

    def __init__(self, *args: Any, congress: Congress, level: LevelLaw | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial_date(congress))
        super().__init__(*args, subject=congress, prefix=f"c{congress.pk}", **kwargs)
        self.congress = congress
        _lengths(self, congress, level)
        self.fields["starts_on"].widget.attrs |= window_attrs(congress)
        for name, field in self.fields.items():
            if name != "row_version":
                field.widget.attrs |= {"aria-label": f"{field.label}: {congress.unit.name}", "class": "control"}

    @property
    def wanted(self) -> bool:
        """Whether the row was filled in with something else than what is on record."""
        changed = set(self.changed_data) - {"row_version"}
        return bool(changed) and bool(self.cleaned_data.get("starts_on"))


class OpeningForm(LawForm):
    """Who was summoned and who is there."""

    summoned = forms.IntegerField(label=_("Summoned"), min_value=1, max_value=1_000_000)
    present = forms.IntegerField(label=_("Present"), min_value=0, max_value=1_000_000)


FINDINGS_HELP = _("One finding a paragraph; leave an empty line between two.")


class FindingsForm(LawForm):
    """What has to be mended, and the symbol of the decision."""

    findings = forms.CharField(
        label=_("Findings"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=FINDINGS_HELP,
        error_messages={"required": _("Say what has to be mended: at least one finding with its text.")},
    )
    document_symbol = forms.CharField(label=_("Symbol of the decision"), max_length=60, required=False)

    def clean_findings(self) -> list[str]:
        """The findings, one a paragraph."""
        return paragraphs(self.cleaned_data["findings"])


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: what stands between empty lines."""
    import re

    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return [" ".join(part.split()) for part in parts if part.strip()]


class DecisionForm(LawForm):
    """An approval or recognition: its symbol, and what should still be heeded."""

    document_symbol = forms.CharField(label=_("Symbol of the decision"), max_length=60, required=False)
    findings = forms.CharField(
        label=_("To be heeded"), widget=forms.Textarea(attrs={"rows": 2}), help_text=FINDINGS_HELP, required=False
    )

    def clean_findings(self) -> list[str]:
        """The remarks, one a paragraph."""
        return paragraphs(self.cleaned_data["findings"])


class ReportForm(LawForm):
    """The report of a milestone, with a remark."""

    note = forms.CharField(label=_("Remark"), max_length=400, required=False)


class PaperForm(LawForm):
    """A file to be added to a congress."""

    kind = forms.ChoiceField(label=_("Kind"))
    title = forms.CharField(label=_("Title"), max_length=200)
    file = forms.FileField(label=_("File"), widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}))

    def __init__(self, *args: Any, congress: Congress, **kwargs: Any) -> None:
        super().__init__(*args, subject=congress, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(paper_kinds(congress.rules).items())


class ProgressFilter(forms.Form):
    """What to show of the congresses below a unit."""

    WAVES = [("", _("all")), ("pilots", _("pilots")), ("wave", _("the others"))]
    WATCHES = [("", _("all")), ("late", _("late")), ("outside", _("outside its window"))]
    AFTER = ("after", _("held or later"))

    state = forms.ChoiceField(label=_("State"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    wave = forms.ChoiceField(label=_("Wave"), required=False, choices=WAVES)
    watch = forms.ChoiceField(label=_("Attention"), required=False, choices=WATCHES)
    unit = forms.IntegerField(required=False, widget=forms.HiddenInput)
    scope = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kinds: Iterable[str], levels: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("state", [*Congress.State.choices, self.AFTER])
        self._choices("kind", [(kind, kind) for kind in kinds])
        self._choices("level", levels.items())
        if len(levels) < 2:
            del self.fields["level"]

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *choices]


class CalendarFilter(forms.Form):
    """Which month and which part of the organisation."""

    month = forms.RegexField(r"^\d{4}-(0[1-9]|1[0-2])$", required=False, widget=forms.HiddenInput)
    view = forms.ChoiceField(choices=[("month", ""), ("agenda", "")], required=False, widget=forms.HiddenInput)
    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, units: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all that I may see")), *units]


class FeedForm(LawForm):
    """For which unit a subscription is to be made."""

    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int)

    def __init__(self, *args: Any, units: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(units)
