"""Ballot papers: how one is to look, how many are printed, what is left; a remark on a trial."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections import press
from conventus.elections.forms.fields import figure_field
from conventus.elections.models import PaperForm

PAPERS = [("A4", _("A4, 210 × 297 mm")), ("A5", _("A5, 148 × 210 mm"))]


class DesignForm(LawForm):
    """How the paper looks."""

    variant = forms.ChoiceField(label=_("Print"), choices=PaperForm.Variant.choices, widget=forms.RadioSelect)
    paper = forms.ChoiceField(label=_("Paper"), choices=PAPERS, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the instruction"))
    stamp_box = forms.BooleanField(label=_("A box for the stamp at the top left"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(code, press.LANGUAGE_NAMES[code]) for code in press.LANGUAGES]
        self.fields["language"] = forms.ChoiceField(label=_("Language of the instruction"), choices=offered)
        self.order_fields(["variant", "paper", "language", "stamp_box"])


class PrintForm(LawForm):
    """A print run."""

    copies = figure_field(_("Copies"), required=True)
    batch = forms.CharField(
        label=_("Batch label"),
        required=False,
        max_length=40,
        help_text=_("Stands small in the foot of every copy. Leave it empty unless runs must be told apart."),
    )


class PrintedForm(LawForm):
    """How many ballots were printed elsewhere or written by hand."""

    printed = figure_field(_("Ballots printed or written"))


class StockForm(LawForm):
    """Ballots that are in no voter's hand."""

    spoilt = figure_field(_("Spoilt and exchanged"), required=True)
    unused = figure_field(_("Left over"), required=True)


class TrialForm(LawForm):
    """A remark on a trial."""

    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=400,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For instance printer and scanner, their settings, who was there."),
    )
