"""The electorate, the ballots issued, the count: the shape of what is entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.elections import rules
from conventus.elections.actions import OWN, Choice
from conventus.elections.forms.fields import figure_field, reason_field
from conventus.elections.models import Ballot, Candidate, Contest, CountEntry, count_of, labels_of
from conventus.elections.reads import Line
from conventus.elections.terms import figure_words, path_words, term


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


class PathsForm(LawForm):
    """In which ways the ballot is counted; those that the pack requires cannot be left out."""

    paths = forms.MultipleChoiceField(
        label=_("Ways of counting"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(path, path_words(path)) for path in rules.PATHS],
    )  # fmt: skip


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
