"""The board, the contest, its list, what the congress decides: the shape of what is entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections import rules
from conventus.elections.forms.fields import ReasonForm, figure_field, reason_field
from conventus.elections.models import Candidate
from conventus.org.models import Person

SEATS_OFFERED = 9
"""Lines on the page of the counting board."""


class PersonField(forms.CharField):
    """A member by name and number, “Lê Văn An · 0417”; the number alone or an unmistakable name will do."""

    def __init__(self, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput({"list": "voters", "autocomplete": "off"}), **kwargs)
        self.people = people

    def clean(self, value: Any) -> Any:
        """The person who is meant, None for an empty line."""
        text = super().clean(value)
        if not text:
            return None
        name, _dot, code = (part.strip() for part in text.rpartition("·"))
        found = list(self.people.filter(code__iexact=code)[:2]) or list(self.people.filter(name__iexact=code)[:2])
        if len(found) != 1 or (name and found[0].name.casefold() != name.casefold()):
            raise forms.ValidationError(_("Choose a member from the list: name and number."))
        return found[0]


class BoardForm(LawForm):
    """The members of the counting board, one a line, and who is their head."""

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = [(str(number), _("Head: line %(number)s") % {"number": number}) for number in self.lines]
        for number in self.lines:
            label = _("Member %(number)s") % {"number": number}
            self.fields[f"member_{number}"] = PersonField(people, label=label, required=False)
        self.fields["head"] = forms.ChoiceField(label=_("Head"), choices=lines, required=False)

    @property
    def lines(self) -> range:
        """The numbers of the lines."""
        return range(1, SEATS_OFFERED + 1)

    def seats(self) -> list[tuple[Person, Any, bool]]:
        """The board as the action takes it: each with the account that counts, the head marked."""
        named = [(str(number), self.cleaned_data.get(f"member_{number}")) for number in self.lines]
        return [(person, person.user, number == self.cleaned_data["head"]) for number, person in named if person]

    def rows(self) -> list[tuple[Any, str, bool]]:
        """The lines for the page: the field, the value of its radio button, whether it is chosen."""
        head = self["head"].value()
        return [(self[f"member_{number}"], str(number), head == str(number)) for number in self.lines]


class ContestForm(LawForm):
    """A contest: the body, its title, seats and places for alternates."""

    body = forms.ChoiceField(label=_("Elected is"))
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("As it stands on papers: the body, the unit, the term.")
    )
    seats = figure_field(_("Seats"), required=True)
    alternates = figure_field(_("Places for alternates"))

    def __init__(self, *args: Any, law: rules.Law, bodies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(bodies) > 1:
            self.fields["body"] = forms.ChoiceField(label=_("Elected is"), choices=bodies)
        else:
            del self.fields["body"]
        offered = [key for key, _words in bodies]
        if not any(value.value for key in offered for value in law.kinds[key].alternates.values):
            del self.fields["alternates"]

    def values(self) -> dict[str, Any]:
        """The arguments of the action."""
        return super().values() | ({"alternates": self.cleaned_data.get("alternates") or 0})


class CandidateForm(LawForm):
    """Names for the list: members ticked in the result of a search, or somebody by name."""

    people = forms.ModelMultipleChoiceField(Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)
    name = forms.CharField(label=_("Or by name"), max_length=200, required=False)
    born = figure_field(_("Year of birth"))
    source = forms.ChoiceField(label=_("Nominated"), choices=Candidate.Source.choices)
    opinion_votes = figure_field(_("Votes in the opinion ballot"))
    attending = figure_field(_("Attending at the opinion ballot"))
    description = forms.CharField(
        label=_("Description"), max_length=300, required=False, help_text=_("For the poster: post, place of work.")
    )
    block = forms.CharField(label=_("Block"), max_length=80, required=False, help_text=_("If the list is in blocks."))

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"] = forms.ModelMultipleChoiceField(
            people, required=False, widget=forms.CheckboxSelectMultiple, label=_("Members")
        )

    def nominees(self) -> list[dict[str, Any]]:
        """The arguments of one action for each name."""
        common = {key: value for key, value in self.values().items() if key not in ("people", "name", "born")}
        listed = [{"person": person} | common for person in self.cleaned_data["people"]]
        if self.cleaned_data["name"] or not listed:
            listed.append({"name": self.cleaned_data["name"], "born": self.cleaned_data["born"]} | common)
        return listed


class CloseForm(LawForm):
    """What the congress decided about the list, where the law asks for it."""

    decision = reason_field(
        _("Decision of the congress"),
        required=False,
        help_text=_("Needed only where the check above asks for it: what was decided, with the votes for it."),
    )


class OpenSeatsForm(ReasonForm):
    """The congress leaves seats open."""

    open_seats = figure_field(_("Seats left open"), required=True)


class LotForm(ReasonForm):
    """Whom the lot has drawn among the tied."""

    def __init__(self, *args: Any, tied: QuerySet[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticks = forms.CheckboxSelectMultiple
        self.fields["drawn"] = forms.ModelMultipleChoiceField(tied, widget=ticks, label=_("Drawn"))
        self.order_fields(["drawn", "reason"])
