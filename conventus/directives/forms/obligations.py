"""Forms of obligations: report done, open again, filter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm, date_field
from conventus.directives.terms import DUTIES


class FulfilForm(LawForm):
    """What shows that a duty is done, and since when."""

    on = date_field(_("Done on"))
    evidence = forms.CharField(
        label=_("What shows it"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A document's symbol and date, minutes, where it is kept."),
    )


class ReopenForm(LawForm):
    """Why a duty is open again."""

    reason = forms.CharField(label=_("Why is it open again?"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class ObligationFilter(forms.Form):
    """What to show of the obligations."""

    task = forms.ChoiceField(label=_("Task"), required=False)
    standing = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), ("open", _("not done")), *DUTIES.items()]
    )
    since = date_field(_("Due from"), required=False)
    until = date_field(_("Due until"), required=False)
    scope = forms.ChoiceField(
        label=_("Units"),
        required=False,
        choices=[("", _("with those below")), ("own", _("without those below"))],
    )

    def __init__(self, *args: Any, tasks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].choices = [("", _("all")), *tasks]  # type: ignore[attr-defined]
