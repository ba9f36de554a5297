"""Controls and forms that several pages of the room use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm


def figure_field(label: Any, *, required: bool = False, **marks: Any) -> forms.IntegerField:
    """A number to key in fast: digits on the phone, no spinner to slip on. `marks` become data attributes."""
    data = {f"data-{name}": value for name, value in marks.items()}
    widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 7, **data})
    return forms.IntegerField(label=label, required=required, widget=widget)


def reason_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A reason or decision in words."""
    widget = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, required=required, max_length=400, widget=widget, help_text=help_text)


class ReasonForm(LawForm):
    """A reason or decision in words."""

    reason = reason_field(_("Reason"))

    def __init__(self, *args: Any, label: Any = "", help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label or _("Reason")
        self.fields["reason"].help_text = help_text
