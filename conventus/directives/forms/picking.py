"""Picking rows out of many with a search box: a list of boxes to tick that works without JavaScript.

The search is part of the form. When its words differ from those that the shown list was made with, the form is shown
again with the new matches, what was ticked stays, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.forms import BoundField
from django.forms.utils import ErrorDict

from conventus.core.forms import LawForm

SHOWN = 30
"""Matches that a list shows; the search narrows them down."""


@dataclass(frozen=True)
class Choice:
    """One box to tick."""

    value: int
    label: str
    note: str
    chosen: bool


@dataclass
class Picker:
    """How one field of a form is picked: among which rows, how they are searched, what is written beside them."""

    rows: QuerySet[Any]
    search: Callable[[QuerySet[Any], str], QuerySet[Any]]
    label: Callable[[Any], str]
    note: Callable[[Any], str]
    single: bool = False
    shown: int = SHOWN
    watch: str = ""
    """A further field whose change asks for the list anew."""
    form: PickingForm | None = field(default=None, repr=False)
    name: str = ""

    @property
    def bound(self) -> BoundField:
        """The field in its form."""
        assert self.form is not None
        return self.form[self.name]

    @property
    def words(self) -> str:
        """What is searched for."""
        assert self.form is not None
        return str(self.form.data.get(f"{self.name}_q", "")).strip()

    @property
    def changed(self) -> bool:
        """Whether the words are others than those that the list was made with."""
        assert self.form is not None
        return self.words != str(self.form.data.get(f"{self.name}_was", "")).strip()

    @property
    def chosen(self) -> set[int]:
        """The keys that are ticked."""
        value = self.bound.value()
        values = value if isinstance(value, (list, tuple, QuerySet)) else [value]
        keys = (one.pk if isinstance(one, Model) else one for one in values)
        return {int(key) for key in keys if str(key).isdigit()}

    @property
    def found(self) -> QuerySet[Any]:
        """The rows that match the search and are not ticked."""
        rows = self.rows.exclude(pk__in=self.chosen)
        return self.search(rows, self.words) if self.words else rows

    @property
    def choices(self) -> list[Choice]:
        """What is ticked, then what was found."""
        ticked = [self._choice(row, True) for row in self.rows.filter(pk__in=self.chosen)]
        return ticked + [self._choice(row, False) for row in self.found[: self.shown]]

    def _choice(self, row: Any, chosen: bool) -> Choice:
        return Choice(row.pk, self.label(row), self.note(row), chosen)

    @cached_property
    def left_off(self) -> int:
        """How many matches are not shown."""
        return max(self.found.count() - self.shown, 0)


class PickingForm(LawForm):
    """A form with pickers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pickers: dict[str, Picker] = {}

    def pick(self, name: str, picker: Picker, *, label: Any, help_text: Any = "", initial: Any = None) -> None:
        """Add a field that is picked among `picker.rows`."""
        kind = forms.ModelChoiceField if picker.single else forms.ModelMultipleChoiceField
        required = picker.single
        self.fields[name] = kind(picker.rows, label=label, help_text=help_text, required=required, initial=initial)
        picker.form, picker.name = self, name
        self.pickers[name] = picker

    def asks_again(self, htmx: bool = False) -> bool:
        """Whether this is a search, not the wish to save; a script's request never saves."""
        return self.is_bound and (htmx or any(picker.changed for picker in self.pickers.values()))

    def without_errors(self) -> None:
        """Show what was typed so far, without judging it."""
        self._errors = ErrorDict()
