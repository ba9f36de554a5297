"""Forms of the access page: give a role, open an account, ask why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from conventus.core import clock
from conventus.core.door import ACTIONS
from conventus.core.forms import LawForm, date_field
from conventus.core.models import User
from conventus.org.forms.units import Suggesting
from conventus.org.models import Unit
from conventus.org.terms import choices

PHASES = [
    ("", _("always")),
    ("preparation", _("preparation")),
    ("session", _("congress in session")),
    ("after", _("after the congress")),
]


class AccountByName(forms.CharField):
    """A person's account by its user name."""

    def clean(self, value: Any) -> Any:
        """The account that is meant; system accounts are none."""
        name = super().clean(value).partition(" · ")[0]
        found = User.objects.filter(username__iexact=name, is_system=False, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("There is no account with this user name."))
        return found


def _account_field(known: list[User], label: Any) -> AccountByName:
    names = [f"{user.username} · {user}" for user in known]
    return AccountByName(label=label, widget=Suggesting(names, autocomplete="off", maxlength=400))


class GrantForm(LawForm):
    """Who gets which role here, in which phase, from when to when."""

    user = AccountByName(label=_("User name"))
    role = forms.ChoiceField(label=_("Role"))
    phase = forms.ChoiceField(label=_("Phase"), choices=PHASES, required=False)
    valid_from = date_field(_("From"))
    valid_to = date_field(_("Until"), required=False)

    def __init__(self, *args: Any, unit: Unit, known: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = _account_field(known, _("User name"))
        self.fields["role"] = _role_field(unit)
        self.initial.setdefault("valid_from", clock.today())
        self.order_fields(["user", "role", "phase", "valid_from", "valid_to"])


def _role_field(unit: Unit) -> forms.ChoiceField:
    pack = unit.rules
    return forms.ChoiceField(label=_("Role"), choices=choices(pack, "role", pack.core.roles))


class AccountForm(LawForm):
    """A new account and its first role here."""

    full_name = forms.CharField(label=_("Full name"), max_length=200)
    username = forms.CharField(label=_("User name"), max_length=150, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(label=_("E-mail"), required=False)
    password = forms.CharField(
        label=_("First password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Leave it empty if its owner is to set one by e-mail."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser says")), *settings.LANGUAGES], required=False
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = _role_field(unit)
        self.order_fields(["full_name", "username", "role", "email", "password", "language"])

    def clean(self) -> dict[str, Any]:
        """A password, or an address to which the way to set one can be sent."""
        values = super().clean() or {}
        if not values.get("password") and not values.get("email"):
            self.add_error("password", _("Give a first password, or an e-mail address."))
        return values


class WhyForm(forms.Form):
    """Who wants to do what, in which phase."""

    who = AccountByName(label=_("User name"))
    what = forms.ChoiceField(label=_("Action"))
    phase = forms.ChoiceField(label=_("Phase of the congress"), choices=PHASES[1:], required=False)

    def __init__(self, *args: Any, known: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"] = _account_field(known, _("User name"))
        actions = [(name, f"{name}: {act.doc.splitlines()[0]}") for name, act in sorted(ACTIONS.items()) if act.doc]
        self.fields["what"] = forms.ChoiceField(label=_("Action"), choices=actions)
        phases = [("", _("none (no congress)")), *PHASES[1:]]
        self.fields["phase"] = forms.ChoiceField(label=_("Phase of the congress"), choices=phases, required=False)
        self.order_fields(["who", "what", "phase"])
