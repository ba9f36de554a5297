"""A stack counted by hand, a sample audit opened, a drawn paper as it was read."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections import rules
from conventus.elections.forms.count import CountForm
from conventus.elections.forms.fields import figure_field, reason_field
from conventus.elections.models import Audit, AuditDraw, Ballot, labels_of


class StackCountForm(CountForm):
    """A stack counted by hand: the figures of a count, and why it is counted again."""

    reason = reason_field(_("Why this stack is counted by hand"), required=False)

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not first:
            del self.fields["reason"]

    def values(self) -> dict[str, Any]:
        """The arguments of the action."""
        return {"figures": self.figures(), "reason": self.cleaned_data.get("reason", "")}


class AuditForm(LawForm):
    """The risk limit, the dice, and how the papers lie."""

    risk_percent = figure_field(_("Risk limit, percent"), required=True)
    seed = forms.CharField(
        label=_("Digits of the dice"),
        max_length=100,
        help_text=_("Roll in public and enter digit by digit; blanks between them do not matter."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-long": True}),
    )
    method = forms.ChoiceField(label=_("What is drawn"), choices=Audit.Method.choices, widget=forms.RadioSelect)
    stacks = forms.CharField(
        label=_("Papers in each stack on the table"),
        max_length=400,
        required=False,
        help_text=_("From the first stack to the last, for example: 100 100 59. One stack is enough."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-long": True}),
    )

    def clean_stacks(self) -> list[int]:
        """The sizes as numbers."""
        words = re.split(r"[\s,;+]+", self.cleaned_data["stacks"].strip())
        if not all(word.isdigit() and word.isascii() for word in words if word):
            raise forms.ValidationError(_("Enter numbers only, with blanks between them."))
        return [int(word) for word in words if word]


RULINGS = {"valid": _("valid"), "invalid": _("invalid"), "missing": _("no paper in this place")}


class DrawForm(LawForm):
    """What a drawn paper is and whom it chooses."""

    ruling = forms.ChoiceField(label=_("The paper is"), choices=list(RULINGS.items()), widget=forms.RadioSelect)
    chosen = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    struck = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(label=_("Why it is entered again"), max_length=200, required=False)

    def __init__(self, *args: Any, ballot: Ballot, before: AuditDraw | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ballot.names()
        choices = [(str(one.pk), label) for one, label in zip(names, labels_of(names), strict=True)]
        self.keys = [key for key, _label in choices]
        kept, left_out = ("struck", "chosen") if ballot.style == rules.STRIKE else ("chosen", "struck")
        del self.fields[left_out]
        self.fields[kept].label = _("Struck out") if kept == "struck" else _("Marked “agree” alone")
        self.fields[kept].choices = choices  # type: ignore[attr-defined]
        self.names_field = kept
        if before is None:
            del self.fields["reason"]

    def values(self) -> dict[str, Any]:
        """The arguments of the action; on a paper to strike out, whoever is not struck is chosen."""
        found = self.cleaned_data
        marked = set(found[self.names_field])
        chosen = [key for key in self.keys if (key in marked) == (self.names_field == "chosen")]
        return {"ruling": found["ruling"], "chosen": chosen, "reason": found.get("reason", "")}
