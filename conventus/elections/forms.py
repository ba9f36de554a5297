"""Forms of the elections; they check shape only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections import rules
from conventus.elections.actions import OWN, Choice
from conventus.elections.models import Ballot, Candidate, Contest, CountEntry, count_of, labels_of
from conventus.elections.reads import Line
from conventus.elections.terms import figure_words, term
from conventus.org.models import Person

SEATS_OFFERED = 9
"""Lines on the page of the counting board."""


def figure_field(label: Any, *, required: bool = False, **marks: Any) -> forms.IntegerField:
    """A number to key in fast: digits on the phone, no spinner to slip on. `marks` become data attributes."""
    data = {f"data-{name}": value for name, value in marks.items()}
    widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 7, **data})
    return forms.IntegerField(label=label, required=required, widget=widget)


def reason_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A reason or decision in words."""
    widget = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, required=required, max_length=400, widget=widget, help_text=help_text)


# Board, contest, candidates -----------------------------------------------------------------------


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


class ReasonForm(LawForm):
    """A reason or decision in words."""

    reason = reason_field(_("Reason"))

    def __init__(self, *args: Any, label: Any = "", help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label or _("Reason")
        self.fields["reason"].help_text = help_text


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


# Ballots ------------------------------------------------------------------------------------------


class ElectorateForm(LawForm):
    """The figures of the base, line by line, and how many voters are present."""

    def __init__(self, *args: Any, ballot: Ballot, **kwargs: Any) -> None:
        kwargs.setdefault("initial", ballot.electorate | {"present": ballot.present})
        super().__init__(*args, **kwargs)
        contest = ballot.contest
        self.lines = rules.base_lines(contest.law, contest.body_of_voters, contest.day)
        for line in self.lines:
            label = term(contest.congress.rules, "base", line.code)
            self.fields[line.code] = figure_field(label, sign=line.sign)
        self.fields["present"] = figure_field(_("Voters present"))

    def values(self) -> dict[str, Any]:
        """The arguments of the action."""
        figures = {line.code: self.cleaned_data.get(line.code) for line in self.lines}
        return {"figures": figures, "present": self.cleaned_data.get("present")}


class IssueForm(LawForm):
    """How many ballots were handed out."""

    issued = figure_field(_("Ballots issued"), required=True)


class CountForm(LawForm):
    """A count: the totals first, then the names in the order of the ballot paper. Gaps are the law's to find."""

    attempt = forms.IntegerField(widget=forms.HiddenInput)
    collected = figure_field(figure_words("collected"))
    valid = figure_field(figure_words("valid"))
    invalid = figure_field(figure_words("invalid"))

    def __init__(self, *args: Any, ballot: Ballot, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"attempt": ballot.attempt})
        super().__init__(*args, **kwargs)
        self.ballot, self.names = ballot, ballot.names()
        self.labels = labels_of(self.names)
        self.boxes = ballot.style != Contest.Style.STRIKE
        for one, label in zip(self.names, self.labels, strict=True):
            self.fields[f"votes_{one.pk}"] = figure_field(_("%(name)s, votes") % {"name": label}, role="votes")
            if self.boxes:
                words = _("%(name)s, disagree") % {"name": label}
                self.fields[f"against_{one.pk}"] = figure_field(words, role="against")

    def figures(self) -> dict[str, Any]:
        """The figures as they are stored; gaps are None."""
        found = self.cleaned_data
        totals = {key: found.get(key) for key in ("collected", "valid", "invalid")}
        votes = {str(one.pk): found.get(f"votes_{one.pk}") for one in self.names}
        against = {str(one.pk): found.get(f"against_{one.pk}") for one in self.names} if self.boxes else {}
        return totals | {"votes": votes, "against": against}

    def count(self) -> rules.Count:
        """The figures as the law judges them."""
        return count_of(self.figures())

    def rows(self) -> list[dict[str, Any]]:
        """The names with their fields, in the order of the ballot paper."""
        return [self._row(one, label) for one, label in zip(self.names, self.labels, strict=True)]

    def _row(self, candidate: Candidate, label: str) -> dict[str, Any]:
        votes = self[f"votes_{candidate.pk}"]
        against = self[f"against_{candidate.pk}"] if self.boxes else None
        bound = [field for field in (votes, against) if field is not None]
        return {"candidate": candidate, "label": label, "votes": votes, "against": against, "bound": bound}


class ResolveForm(LawForm):
    """How each difference is settled: by the figure of one of the counts, or one's own with its reason."""

    reason = reason_field(_("How the differences were settled"), help_text=_("Stands in the record, under your name."))

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [line.key for line in lines if line.differs]
        slots = dict(CountEntry.Slot.choices)
        take = [*((path, slots[path]) for line in lines[:1] for path in line.values), (OWN, _("own figure"))]
        for key in self.keys:
            self.fields[f"take_{key}"] = forms.ChoiceField(choices=take, widget=forms.RadioSelect, required=False)
            self.fields[f"own_{key}"] = figure_field(_("Own figure"))
            self.fields[f"why_{key}"] = forms.CharField(label=_("Why"), max_length=200, required=False)

    def choices(self) -> dict[str, Choice]:
        """The choices as the action takes them."""
        found = self.cleaned_data
        return {
            key: Choice(found[f"take_{key}"], found.get(f"own_{key}"), found[f"why_{key}"])
            for key in self.keys
            if found.get(f"take_{key}")
        }

    def fields_of(self, key: str) -> Mapping[str, Any]:
        """The controls of one difference."""
        return {part: self[f"{part}_{key}"] for part in ("take", "own", "why")}
