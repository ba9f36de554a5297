"""The record's blanks, and how the evidence is sealed: the shape of what is entered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections.forms.fields import reason_field

MOMENT = "%Y-%m-%dT%H:%M"


def lines_field(label: Any, help_text: Any) -> forms.CharField:
    """Several short texts, one a line."""
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )


class RecordDetailsForm(LawForm):
    """What the counting record leaves blank."""

    number = forms.CharField(
        label=_("Number of the record"), max_length=40, required=False, help_text=_("Such as “02-BB/BKP”.")
    )
    locality = forms.CharField(
        label=_("Place"), max_length=120, required=False, help_text=_("Stands beside the date. Empty: the unit's name.")
    )
    adopted = forms.DateTimeField(
        label=_("Adopted on"),
        required=False,
        input_formats=[MOMENT],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
        help_text=_("Empty: a blank to be filled in by hand."),
    )
    presidium = lines_field(_("For the presidium"), _("Who signs for the presidium, one name a line."))

    def values(self) -> dict[str, Any]:
        """The arguments of the action."""
        found = super().values()
        return found | {"presidium": found["presidium"].splitlines()}


def passphrase_field(label: Any, help_text: Any = "") -> forms.CharField:
    """A passphrase: nothing stores it, and no browser offers to."""
    widget = forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=400, strip=False, widget=widget, help_text=help_text)


class SealForm(LawForm):
    """With what the evidence is sealed."""

    passphrase = passphrase_field(
        _("Passphrase"),
        _("At least 16 characters, such as five words. It is kept nowhere: without it nobody can open."),
    )
    again = passphrase_field(_("The passphrase again"))
    recipients = lines_field(
        _("Public keys of age"),
        _("One a line. Each of these people can open it with their own key; a passphrase is not needed then."),
    )

    def values(self) -> dict[str, Any]:
        """The arguments of the sealing."""
        found = super().values()
        keys = [line.strip() for line in found["recipients"].splitlines() if line.strip()]
        return found | {"recipients": keys}


class DecisionForm(LawForm):
    """A decision in words, without which nothing is opened or destroyed."""

    decision = reason_field(_("Decision"), help_text=_("Whose, of which day, and why. It stands in the minute book."))
