"""A verdict on one scanned ballot: the mark of every name, the ruling with its ground, a remark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.core.rules import Refusal
from conventus.core.words import each
from conventus.elections import rules
from conventus.elections.models import Adjudication, Ballot, labels_of
from conventus.elections.terms import RULINGS, ground_words, mark_words


class SheetForm(LawForm):
    """What a member says of a ballot. `marks` stand in it from the start: as read, as said before, as printed."""

    note = forms.CharField(label=_("Remark"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        ballot: Ballot,
        marks: Mapping[str, str] | None = None,
        said: Adjudication | None = None,
        ruling: str = "",
        **kwargs: Any,
    ) -> None:
        given = dict(said.marks) if said and said.marks else dict(marks or {})
        initial = {f"mark_{key}": mark for key, mark in given.items()}
        initial |= {"verdict": _chosen(said) if said else ruling, "note": said.note if said else ""}
        super().__init__(*args, initial=initial, **kwargs)
        self.ballot, self.names = ballot, ballot.names()
        self.words = mark_words(ballot.style)
        for one, label in zip(self.names, labels_of(self.names), strict=True):
            self.fields[f"mark_{one.pk}"] = forms.ChoiceField(
                label=label, choices=list(self.words.items()), required=False, widget=forms.RadioSelect
            )
        missing = {"required": _("Rule on the ballot: valid, invalid, or not counted.")}
        self.fields["verdict"] = forms.ChoiceField(
            label=_("Verdict"), choices=self._verdicts(), widget=forms.RadioSelect, error_messages=missing
        )

    def _verdicts(self) -> list[tuple[str, Any]]:
        invalid = [(f"{rules.INVALID}:{one}", ground_words(one)) for one in self.grounds]
        no_ballot = [(f"{rules.NOT_COUNTED}:{one}", ground_words(one)) for one in rules.NO_BALLOT]
        return [(rules.VALID, RULINGS[rules.VALID]), *invalid, *no_ballot]

    @property
    def grounds(self) -> tuple[str, ...]:
        """The grounds that the law knows for this paper."""
        contest = self.ballot.contest
        return rules.grounds_for(contest.law, self.ballot.style, contest.day)

    @property
    def rulings(self) -> Iterator[dict[str, Any]]:
        """The rulings for the page, each with its choices and the key that picks it."""
        chosen = str(self["verdict"].value() or "")
        for ruling, key in ((rules.VALID, "V"), (rules.INVALID, "I"), (rules.NOT_COUNTED, "X")):
            choices = [one for one in self._verdicts() if one[0].partition(":")[0] == ruling]
            yield {
                "ruling": ruling,
                "words": RULINGS[ruling],
                "key": key,
                "choices": [
                    {"value": value, "words": words, "checked": value == chosen, "digit": number}
                    for number, (value, words) in enumerate(choices, 1)
                ],
            }

    def rows(self) -> Iterator[tuple[str, int, BoundField]]:
        """Every name: its key, its number on the paper, its marks."""
        for one in self.names:
            yield str(one.pk), one.order, self[f"mark_{one.pk}"]

    def refuse(self, refusal: Refusal) -> None:
        """Ruling and ground are one control here."""
        for one in each(refusal):
            if one.field in ("ruling", "ground"):
                one.field = "verdict"
        super().refuse(refusal)

    def values(self) -> dict[str, Any]:
        """The arguments of the action."""
        found = self.cleaned_data
        ruling, _colon, ground = found["verdict"].partition(":")
        marks = {key: found[f"mark_{key}"] for key, _number, _field in self.rows() if found[f"mark_{key}"]}
        return {"ruling": ruling, "ground": ground, "marks": marks, "note": found["note"]}


def _chosen(said: Adjudication) -> str:
    return f"{said.ruling}:{said.ground}" if said.ground else said.ruling
