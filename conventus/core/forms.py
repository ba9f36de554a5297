"""Forms check shape only; the law's refusals are laid on their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.core.rules import Refusal
from conventus.core.words import each, refusal_words, shown


class LawForm(forms.Form):
    """A form that shows refusals where they belong and carries the version of the row it changes."""

    row_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, subject: Row | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusals: list[dict[str, object]] = []
        """What the law says about the form as a whole, for the component `refusal`."""
        if subject is not None:
            self.fields["row_version"].initial = subject.version

    def values(self) -> dict[str, Any]:
        """The cleaned values without the version: the keyword arguments of an action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "row_version"}

    def refuse(self, refusal: Refusal) -> None:
        """Put each refusal on its field, or above the form."""
        for one in each(refusal):
            if one.field in self.fields:
                self.add_error(one.field, _with_article(one))
            else:
                self.refusals += shown(one)


def _with_article(refusal: Refusal) -> str:
    words = refusal_words(refusal)
    return f"{words} [{refusal.article}]" if refusal.article else words


def attempt(form: LawForm, do: Callable[[], Any], subject: Row | None = None) -> bool:
    """Validate the form, then `do` the action; a refusal lands on the form. True when it is done.

    The subject takes the version that the page was made with, so that the door can refuse a stale page.
    """
    if not form.is_valid():
        return False
    seen = form.cleaned_data.get("row_version")
    if subject is not None and seen is not None:
        subject.version = seen
    try:
        do()
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def with_version(request: HttpRequest, subject: Row) -> None:
    """Give the subject the version that a form of one button was made with (field `row_version`)."""
    seen = request.POST.get("row_version", "")
    if seen.isdigit():
        subject.version = int(seen)


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The language of one's own account."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser says")), *settings.LANGUAGES], required=False
    )

    class Meta:
        model = User
        fields = ("language",)


class BookFilter(forms.Form):
    """What to show of the minute book."""

    q = forms.CharField(label=_("Action or person"), required=False)
    unit = forms.CharField(label=_("Unit code"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


DATE = {"type": "date"}


def date_field(label: Any, *, required: bool = True, help_text: Any = "", initial: Any = None) -> forms.DateField:
    """A date with the browser's own picker."""
    widget = forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text, initial=initial)
