"""Stacks of scans: the shape of what is entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections.forms.fields import figure_field
from conventus.elections.scans.devices import Device


class StackForm(LawForm):
    """A stack: what it is called, how many ballots were counted into it, which scanner's folder is watched."""

    expected = figure_field(_("Ballots in the stack, counted by hand"))
    label = forms.CharField(label=_("Name of the stack"), max_length=80, required=False)
    source = forms.ChoiceField(label=_("Scanner that writes into a folder"), required=False)

    def __init__(self, *args: Any, sources: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected"].help_text = _("Shows at once when the feeder took two sheets, or one is missing.")
        self.fields["label"].help_text = _("What is written on the stack, if it is not just a number.")
        if sources:
            choices = [("", _("none: upload, or use the folder of the stack")), *((one, one) for one in sources)]
            self.fields["source"] = forms.ChoiceField(
                label=self.fields["source"].label, choices=choices, required=False
            )
        else:
            del self.fields["source"]

    def values(self) -> dict[str, Any]:
        """The arguments of the action that opens the stack."""
        return {"label": self.cleaned_data["label"], "expected": self.cleaned_data["expected"]}


class FeedForm(forms.Form):
    """Which scanner empties its feeder, and whether it reads both sides."""

    device = forms.ChoiceField(label=_("Scanner"))
    both_sides = forms.BooleanField(label=_("Both sides"), required=False)

    def __init__(self, *args: Any, found: Sequence[Device], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.name, f"{one.title} · {one.name}") for one in found]
        self.fields["device"] = forms.ChoiceField(label=_("Scanner"), choices=choices)
