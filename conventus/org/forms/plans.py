"""Forms of reorganisation plans: begin one, add what is to happen, say who goes where, look at another day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm, date_field
from conventus.org.forms.units import Suggesting
from conventus.org.models import PlanStep, ReorganisationPlan, Unit
from conventus.org.terms import Choices, choices, kinds_known, level_words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Rows = list[dict[str, str]]


class DayForm(forms.Form):
    """As of which day the units are shown."""

    on = date_field(_("As of"))
    under = forms.IntegerField(required=False, widget=forms.HiddenInput)


class PlanForm(LawForm):
    """What a plan is called, from when it holds, on which decision it rests."""

    name = forms.CharField(label=_("Name"), max_length=200)
    effective = date_field(_("Takes effect on"), help_text=_("The first day on which the new units exist."))
    decision = forms.CharField(label=_("Decision"), max_length=120, required=False, help_text=_("Its number and date."))


class PlanFilesForm(LawForm):
    """A plan and its new tree from files."""

    steps = forms.FileField(label=_("Plan"), required=False, help_text="level, old_code, new_code, whole_or_part, rule")
    tree = forms.FileField(
        label=_("New tree"),
        required=False,
        help_text=_("New and changed units, in the format of an import of units."),
    )

    def clean(self) -> dict[str, Any]:
        """At least one of the two."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not (cleaned.get("steps") or cleaned.get("tree")):
            raise forms.ValidationError(_("Choose at least one file."))
        return cleaned

    def file(self, name: str) -> UploadedFile[Any] | None:
        """The uploaded file of this name."""
        found: UploadedFile[Any] | None = self.cleaned_data.get(name)
        return found


def unit_choices(units: Sequence[Unit]) -> Choices:
    """Units to choose from, named with level, superior and code."""
    return [(unit.code, _named(unit)) for unit in units]


def _named(unit: Unit) -> str:
    above = f", {unit.parent.name}" if unit.parent else ""
    return f"{unit.name} ({unit.code}{above})"


class AddForm(LawForm):
    """Something that is to happen to units in reach of a plan; it makes rows of the plan and of the new tree."""

    title: StrOrPromise = ""
    explained: StrOrPromise = ""
    submit = _("Add to the plan")

    def __init__(self, *args: Any, plan: ReorganisationPlan, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.known = {unit.code: unit for unit in units}
        self.new = {row.code: row.cells for row in plan.tree.all() if row.code not in self.known}
        old = unit_choices(units)
        new = [(code, f"{cells.get('name', '')} ({code}, {_t('new')})") for code, cells in self.new.items()]
        for name in ("units", "unit"):
            if name in self.fields:
                self._offer(name, old)
        for name in ("into", "to", "rest"):
            if name in self.fields:
                self._offer(name, [*old, *new])
        if "kind" in self.fields:
            kinds = kinds_known(plan.organisation.rules)
            self.fields["kind"].widget = Suggesting(kinds, maxlength=80, autocomplete="off")

    def _offer(self, name: str, offered: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        several = isinstance(field, forms.MultipleChoiceField)
        field.choices = offered if several else [("", "–"), *offered]

    def rows(self) -> tuple[Rows, Rows]:
        """The rows of the plan, and of the new tree."""
        raise NotImplementedError

    def step(self, old: str, new: str, *, whole: bool = True, rule: str = "") -> dict[str, str]:
        """A row of the plan."""
        share = "whole" if whole else "part"
        level = self.known[old].level if old in self.known else ""
        return {"level": level, "old_code": old, "new_code": new, "whole_or_part": share, "rule": rule}

    def cells(self, like: str, **changes: str) -> dict[str, str]:
        """A row of the new tree: the unit with the code `like` as it is, with what changes."""
        unit = self.known.get(like)
        now = {"code": like, "parent_code": "", "level": "", "kind": "", "name": ""}
        if unit is not None:
            above = unit.parent.code if unit.parent else ""
            now |= {"parent_code": above, "level": unit.level, "kind": unit.kind, "name": unit.name}
        return now | changes


class MergeForm(AddForm):
    """Several units become one."""

    title = _("Merge units")
    explained = _(
        "Their members, and the units below them, go to the merged unit. Posts of units that end, end with them."
    )
    units = forms.MultipleChoiceField(label=_("Units that merge"), widget=forms.CheckboxSelectMultiple)
    code = forms.CharField(
        label=_("Code of the merged unit"),
        max_length=40,
        help_text=_("The code of one of them, if that one goes on and takes the others in; a new code otherwise."),
    )
    name = forms.CharField(label=_("Name of the merged unit"), max_length=250)
    kind = forms.CharField(label=_("Kind"), max_length=80, required=False)

    def rows(self) -> tuple[Rows, Rows]:
        """A step for each unit, and the merged unit beside the first of them."""
        olds, code = self.cleaned_data["units"], self.cleaned_data["code"].strip()
        first = self.known[olds[0]]
        kind = self.cleaned_data["kind"] or first.kind
        row = self.cells(code if code in self.known else olds[0], name=self.cleaned_data["name"], kind=kind, code=code)
        return [self.step(old, code) for old in olds], [row]


class DivideForm(AddForm):
    """One unit goes to several."""

    title = _("Divide a unit")
    explained = _("Afterwards say of its members, and of the units below it, who goes where: by a rule or one by one.")
    unit = forms.ChoiceField(label=_("Unit that is divided"))
    into = forms.MultipleChoiceField(
        label=_("Units that take a part"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose the unit itself too, if it goes on. Units that are new in this plan are at the end."),
    )
    rest = forms.ChoiceField(
        label=_("Everybody not placed otherwise goes to"),
        required=False,
        help_text=_("Leave it empty to decide one by one."),
    )

    def rows(self) -> tuple[Rows, Rows]:
        """A step for each part."""
        old, rest = self.cleaned_data["unit"], self.cleaned_data["rest"]
        parts = self.cleaned_data["into"]
        steps = [self.step(old, new, whole=False, rule="rest" if new == rest else "") for new in parts]
        return steps, []

    def clean(self) -> dict[str, Any]:
        """At least two parts, and the rest goes to one of them."""
        cleaned: dict[str, Any] = super().clean() or {}
        into = cleaned.get("into") or []
        if cleaned.get("into") is not None and len(into) < 2:
            self.add_error("into", _("Choose at least two units."))
        if cleaned.get("rest") and cleaned["rest"] not in into:
            self.add_error("rest", _("Choose one of the units that take a part."))
        return cleaned


class DissolveForm(AddForm):
    """A unit ends without a successor of its own."""

    title = _("Dissolve a unit")
    explained = _("It must have no members of its own. The units below it hang below its superior.")
    unit = forms.ChoiceField(label=_("Unit that is dissolved"))

    def rows(self) -> tuple[Rows, Rows]:
        """A step that leads nowhere."""
        return [self.step(self.cleaned_data["unit"], "")], []


class MoveForm(AddForm):
    """Units hang below another superior."""

    title = _("Move units")
    explained = _("The units keep their members and take all below along.")
    units = forms.MultipleChoiceField(label=_("Units that move"), widget=forms.CheckboxSelectMultiple)
    to = forms.ChoiceField(label=_("Their superior from then on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        top = self.plan.unit
        field = self.fields["to"]
        if top is not None and isinstance(field, forms.ChoiceField):
            field.choices = [("", "–"), (top.code, _named(top)), *list(field.choices)[1:]]  # type: ignore[arg-type]

    def rows(self) -> tuple[Rows, Rows]:
        """A row of the new tree for each."""
        return [], [self.cells(code, parent_code=self.cleaned_data["to"]) for code in self.cleaned_data["units"]]


class ChangeForm(AddForm):
    """A unit gets another name, kind or level."""

    title = _("Rename or change a unit")
    explained = _("What stays empty stays as it is.")
    unit = forms.ChoiceField(label=_("Unit"))
    name = forms.CharField(label=_("New name"), max_length=250, required=False)
    kind = forms.CharField(label=_("New kind"), max_length=80, required=False)
    level = forms.ChoiceField(label=_("New level"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pack = self.plan.organisation.rules
        self.fields["level"] = forms.ChoiceField(
            label=_("New level"), required=False, choices=[("", "–"), *choices(pack, "level", pack.core.levels)]
        )

    def rows(self) -> tuple[Rows, Rows]:
        """A row of the new tree with what changes."""
        changes = {name: self.cleaned_data[name] for name in ("name", "kind", "level") if self.cleaned_data[name]}
        return [], [self.cells(self.cleaned_data["unit"], **changes)]


class FoundForm(AddForm):
    """A unit that did not exist before."""

    title = _("Found a unit")
    explained = _("A new unit begins on the day of the plan. Others may then merge into it, or give it a part.")
    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=250)
    level = forms.ChoiceField(label=_("Level"))
    kind = forms.CharField(label=_("Kind"), max_length=80, required=False)
    to = forms.ChoiceField(label=_("Its superior"), required=False, help_text=_("Empty: the unit of this plan."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pack = self.plan.organisation.rules
        self.fields["level"] = forms.ChoiceField(label=_("Level"), choices=choices(pack, "level", pack.core.levels))

    def rows(self) -> tuple[Rows, Rows]:
        """A row of the new tree."""
        values = {name: self.cleaned_data[name] for name in ("code", "name", "level", "kind")}
        above = self.cleaned_data["to"] or (self.plan.unit.code if self.plan.unit else "")
        return [], [{**values, "parent_code": above}]


KINDS: dict[str, type[AddForm]] = {
    "merge": MergeForm,
    "divide": DivideForm,
    "move": MoveForm,
    "change": ChangeForm,
    "found": FoundForm,
    "dissolve": DissolveForm,
}


class ReachFilter(forms.Form):
    """Which units a form offers: those of one level, with these words in name or code."""

    level = forms.ChoiceField(label=_("Level"), required=False)

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = {unit.level: level_words(unit) for unit in units}
        self.fields["level"] = forms.ChoiceField(
            label=_("Level"), choices=[("", _("all")), *levels.items()], required=False
        )


class PlaceForm(LawForm):
    """Where the members of a divided unit, and the units below it, go: a choice for each, and a rule for the others."""

    rest = forms.ChoiceField(label=_("Everybody not placed below goes to"), required=False)

    def __init__(self, *args: Any, steps: Sequence[PlanStep], names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(step.number), names.get(step.new_code, step.new_code)) for step in steps]
        ruled = next((str(step.number) for step in steps if step.rule == "rest"), "")
        self.fields["rest"] = forms.ChoiceField(
            label=_("Everybody not placed below goes to"),
            choices=[("", _t("– nowhere: decide one by one")), *offered],
            required=False,
            initial=ruled,
        )

    def add(self, name: str, label: str, steps: Choices, chosen: str) -> None:
        """A choice for one person or unit."""
        self.fields[name] = forms.ChoiceField(label=label, choices=[("", "–"), *steps], required=False, initial=chosen)
