"""Forms about people: what to show of them, enrol, correct, transfer, part, fill a post."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conventus.core import clock
from conventus.core.forms import LawForm, date_field
from conventus.core.packs import Pack
from conventus.org.models import Membership, Person, Unit
from conventus.org.names import fold
from conventus.org.rules import Law
from conventus.org.terms import choices


def _kinds(pack: Pack) -> list[tuple[str, str]]:
    law: Law = pack.laws["org"]
    return choices(pack, "membership", law.memberships)


def _posts(pack: Pack) -> list[tuple[str, str]]:
    law: Law = pack.laws["org"]
    return choices(pack, "post", law.posts)


class PeopleFilter(forms.Form):
    """What to show of the people."""

    kind = forms.ChoiceField(label=_("Membership"), required=False)
    post = forms.ChoiceField(label=_("Post"), required=False)
    reach = forms.ChoiceField(
        label=_("Units"), choices=[("", _("this and all below")), ("own", _("this one only"))], required=False
    )

    def __init__(self, *args: Any, pack: Pack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("all"))
        kinds = [every, ("vote", _("all with a vote")), *_kinds(pack)]
        self.fields["kind"] = forms.ChoiceField(label=_("Membership"), choices=kinds, required=False)
        posts = [every, ("any", _("any post")), *_posts(pack)]
        self.fields["post"] = forms.ChoiceField(label=_("Post"), choices=posts, required=False)
        self.order_fields(["kind", "post", "reach"])


class _About(LawForm):
    """What is kept of a person."""

    name = forms.CharField(label=_("Full name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    gender = forms.ChoiceField(label=_("Sex"), choices=[("", _("not stated")), *Person.Gender.choices], required=False)
    born = date_field(_("Born on"), required=False)
    joined = date_field(_("Joined on"), required=False)
    official = date_field(_("Official since"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)


class EnrolForm(_About):
    """A new person and the first membership."""

    code = forms.CharField(label=_("Member number"), max_length=40)
    kind = forms.ChoiceField(label=_("Membership"))
    valid_from = date_field(_("Member of this unit from"))

    field_order = ("name", "code", "kind", "valid_from", "gender", "born", "joined", "official", "email")

    def __init__(self, *args: Any, pack: Pack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label=_("Membership"), choices=_kinds(pack))
        self.initial.setdefault("valid_from", clock.today())
        self.order_fields(self.field_order)


class PersonForm(_About):
    """Corrections to what is kept of a person."""


def person_form(person: Person, data: Any = None) -> PersonForm:
    """The form that corrects `person`."""
    names = ("name", "gender", "born", "joined", "official", "email")
    return PersonForm(data, subject=person, initial={name: getattr(person, name) for name in names})


class UnitByCode(forms.CharField):
    """A unit by its code or its whole name, among those that may be chosen."""

    def __init__(self, units: QuerySet[Unit] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def clean(self, value: Any) -> Any:
        """The one unit that is meant."""
        text = super().clean(value)
        units = self.units
        assert units is not None, "the form sets the units"
        found = units.filter(code=text).first() or self._named(units, text)
        if found is None:
            raise forms.ValidationError(_("No unit that you manage has this code or name. Look it up under Units."))
        return found

    def _named(self, units: QuerySet[Unit], text: str) -> Unit | None:
        folded = fold(text)
        near = [unit for unit in units.filter(folded__startswith=folded)[:50] if fold(unit.name) == folded]
        return near[0] if len(near) == 1 else None


class TransferForm(LawForm):
    """To which unit a member goes, and from when."""

    to = UnitByCode(label=_("To the unit (code or name)"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    on = date_field(_("Member there from"))

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = UnitByCode(units, label=_("To the unit (code or name)"))
        self.initial.setdefault("on", clock.today())
        self.order_fields(["to", "on"])


class KindForm(LawForm):
    """As what a membership goes on, and from when."""

    kind = forms.ChoiceField(label=_("Goes on as"))
    on = date_field(_("From"))

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, subject=membership, **kwargs)
        others = [(key, words) for key, words in _kinds(membership.unit.rules) if key != membership.kind]
        self.fields["kind"] = forms.ChoiceField(label=_("Goes on as"), choices=others)
        self.initial.setdefault("on", clock.today())
        self.order_fields(["kind", "on"])


class EndForm(LawForm):
    """The last day of a membership or a post."""

    on = date_field(_("Last day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", clock.today())


class PartForm(EndForm):
    """The last day of a membership, and why it ends."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Goes into the minute book: the kind of reason (moved away, died, expelled), nothing personal."),
    )


class BackForm(LawForm):
    """Take somebody back into a unit."""

    to = UnitByCode(label=_("Into the unit (code or name)"))
    kind = forms.ChoiceField(label=_("Membership"))
    on = date_field(_("From"))

    def __init__(self, *args: Any, units: QuerySet[Unit], pack: Pack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = UnitByCode(units, label=_("Into the unit (code or name)"))
        self.fields["kind"] = forms.ChoiceField(label=_("Membership"), choices=_kinds(pack))
        self.initial.setdefault("on", clock.today())
        self.order_fields(["to", "kind", "on"])


class PersonByNumber(forms.CharField):
    """A person by number or whole name, among those who may be chosen."""

    def __init__(self, people: QuerySet[Person] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.people = people

    def clean(self, value: Any) -> Any:
        """The one person who is meant."""
        text = super().clean(value).partition(" · ")[0]
        people = self.people
        assert people is not None, "the form sets the people"
        found = list(people.filter(code=text)[:1]) or self._named(people, text)
        if len(found) > 1:
            raise forms.ValidationError(_("Several members have this name. Give the member number instead."))
        if not found:
            raise forms.ValidationError(_("No member here or below has this number or name."))
        return found[0]

    def _named(self, people: QuerySet[Person], text: str) -> list[Person]:
        folded = fold(text)
        return [one for one in people.filter(folded__startswith=folded)[:50] if fold(one.name) == folded]


class AppointForm(LawForm):
    """Who holds which post of a unit, from when to when."""

    post = forms.ChoiceField(label=_("Post"))
    person = PersonByNumber(label=_("Who (member number or full name)"))
    valid_from = date_field(_("From"))
    valid_to = date_field(_("Until"), required=False, help_text=_("The last day; leave it empty while it is open."))

    def __init__(self, *args: Any, unit: Unit, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"] = forms.ChoiceField(label=_("Post"), choices=_posts(unit.rules))
        self.fields["person"] = PersonByNumber(people, label=_("Who (member number or full name)"))
        self.initial.setdefault("valid_from", clock.today())
        self.order_fields(["post", "person", "valid_from", "valid_to"])
