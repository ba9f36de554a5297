"""Forms about units: what to show of them, found one, change one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm, date_field
from conventus.org.models import Unit
from conventus.org.terms import Choices, choices, kinds_known, levels_below


class UnitFilter(forms.Form):
    """What to show of the units."""

    level = forms.ChoiceField(label=_("Level"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    under = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, levels: Choices, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"] = forms.ChoiceField(label=_("Level"), choices=[("", _("all")), *levels], required=False)
        kind_choices = [("", _("all")), *((kind, kind) for kind in kinds)]
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=kind_choices, required=False)
        self.order_fields(["level", "kind", "under"])


class Suggesting(forms.TextInput):
    """A text control with suggestions; whatever else is typed is fine."""

    template_name = "org/suggesting.html"

    def __init__(self, suggestions: list[str], **attrs: Any) -> None:
        super().__init__(attrs=attrs)
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The control's context, with the list of suggestions beside it."""
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}-suggestions"
        context["widget"]["attrs"]["list"] = list_id
        return context | {"suggestions": self.suggestions, "list_id": list_id}


class UnitForm(LawForm):
    """A unit's code, level, kind, name and period."""

    name = forms.CharField(label=_("Name"), max_length=250)
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Imports know the unit by it."))
    level = forms.ChoiceField(label=_("Level"))
    kind = forms.CharField(label=_("Kind"), max_length=80, required=False)
    valid_from = date_field(_("Exists from"), required=False)
    valid_to = date_field(_("Exists until"), required=False, help_text=_("The last day; empty while it exists."))

    def __init__(self, *args: Any, near: Unit, levels: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"] = forms.ChoiceField(label=_("Level"), choices=levels)
        self.fields["kind"].widget = Suggesting(kinds_known(near.rules), maxlength=80, autocomplete="off")


def found_form(parent: Unit, data: Any = None) -> UnitForm:
    """The form that founds a unit below `parent`."""
    return UnitForm(data, near=parent, levels=levels_below(parent))


def change_form(unit: Unit, data: Any = None) -> UnitForm:
    """The form that changes `unit`; its levels are those below its superior."""
    pack = unit.rules
    levels = levels_below(unit.parent) if unit.parent else choices(pack, "level", pack.core.levels)
    now = {name: getattr(unit, name) for name in ("name", "code", "level", "kind", "valid_from", "valid_to")}
    return UnitForm(data, near=unit, levels=levels, subject=unit, initial=now)
