"""The form of a plan item: which task, for whom, from when to when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import date_field
from conventus.core.models import User
from conventus.directives.forms.picking import Picker, PickingForm
from conventus.directives.models import Document, PlanItem
from conventus.directives.terms import level_words, term
from conventus.org import reads as org
from conventus.org.models import Unit

UNITS_SHOWN = 150


class ItemForm(PickingForm):
    """A task of a plan."""

    task = forms.ChoiceField(label=_("Task"))
    text = forms.CharField(
        label=_("In the plan's words"), max_length=400, required=False, help_text=_("Empty: the name of the task.")
    )
    provision = forms.CharField(
        label=_("Provision"), max_length=80, required=False, help_text=_("Where the plan says so, e.g. II.3.")
    )
    start = date_field(_("From"), required=False)
    due = date_field(_("Due on"))
    level = forms.ChoiceField(label=_("Level"), required=False)
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of unit"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every kind."),
    )
    mode = forms.ChoiceField(
        label=_("Which of them"), choices=PlanItem.Mode.choices, widget=forms.RadioSelect, initial=PlanItem.Mode.ALL
    )

    def __init__(
        self, *args: Any, reader: User, document: Document, item: PlanItem | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, subject=item or document, **kwargs)
        pack, unit = document.unit.rules, document.unit
        tasks = [(key, term(pack, f"task.{key}")) for key in document.law.tasks]
        self.fields["task"].choices = [("", "–"), *tasks]  # type: ignore[attr-defined]
        self.fields["level"].choices = [("", level_words(pack, "")), *_levels_below(unit)]  # type: ignore[attr-defined]
        self.fields["level"].initial = next((key for key, _name in _levels_below(unit)), "")
        below = org.subtree(unit).exclude(pk=unit.pk)
        self.fields["kinds"].choices = _kinds(below)  # type: ignore[attr-defined]
        for name in ("task", "text", "provision", "start", "due", "level", "kinds", "mode") if item else ():
            self.fields[name].initial = getattr(item, name)
        held = [one.pk for one in item.units.all()] if item else None
        picker = Picker(
            rows=below,
            search=lambda rows, words: org.search_units(reader, words, rows),
            label=lambda one: one.name,
            note=lambda one: f"{one.code} · {level_words(pack, one.level)}",
            shown=UNITS_SHOWN,
            watch="level",
        )
        self.pick(
            "units",
            picker,
            label=_("Units"),
            help_text=_("Only for “the units named” and “all but the units named”."),
            initial=held,
        )
        self._narrow(picker, below)

    @property
    def names_units(self) -> bool:
        """Whether the list of units is to be seen at once."""
        picker = self.pickers["units"]
        named = self["mode"].value() in (PlanItem.Mode.NAMED, PlanItem.Mode.EXCEPT)
        return bool(named or picker.words or picker.chosen or self["units"].errors)

    def _narrow(self, picker: Picker, below: QuerySet[Unit]) -> None:
        """Show the units of the chosen level; those that are ticked stay in the list whatever their level is."""
        if level := self["level"].value():
            picker.rows = below.filter(level=level) | below.filter(pk__in=picker.chosen)


def _levels_below(unit: Unit) -> list[tuple[str, str]]:
    levels = unit.rules.core.levels
    order = levels[unit.level].order
    return [(key, str(level_words(unit.rules, key))) for key, level in levels.items() if level.order > order]


def _kinds(units: QuerySet[Unit]) -> list[tuple[str, str]]:
    kinds = units.exclude(kind="").order_by("kind").values_list("kind", flat=True).distinct()
    return [(kind, kind) for kind in kinds]
