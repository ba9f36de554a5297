"""Ballot papers: their forms, print runs and stock, and what has to be done about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.desk import DeskItem
from conventus.core.models import User
from conventus.core.rights import allowing, visible
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.elections import press, rules
from conventus.elections.models import Ballot, Contest, PaperForm, PrintRun, ScanBatch, labels_of
from conventus.elections.reads.contests import VIEW, in_order, style_of
from conventus.elections.record.ballot import below_heading, heading

refusal_texts(
    "elections",
    {
        "form_without_names": N_("There is no name on the list. Add names, then design the paper."),
        "form_variant": N_("Choose standard or large print."),
    },
)

# Designs ------------------------------------------------------------------------------------------


def spec_of(subject: Contest | Ballot, *, variant: str, paper: str, language: str, stamp_box: bool) -> dict[str, Any]:
    """What the engine prints: a ballot's names in their order, or for a trial those of the list as it stands."""
    ballot = subject if isinstance(subject, Ballot) else None
    contest = subject.contest if isinstance(subject, Ballot) else subject
    names = ballot.names() if ballot else in_order(contest)
    if not names:
        raise Refusal("elections.form_without_names")
    if variant not in PaperForm.Variant.values:
        raise Refusal("elections.form_variant", field="variant")
    congress = contest.congress
    head = language if language in press.LANGUAGES else "en"
    return {
        "election": _election(contest, str(ballot.number) if ballot else "trial"),
        "title": heading(head, contest.title, trial=ballot is None),
        "unit": below_heading(head, congress.unit.name, congress.cycle.name, ballot.number if ballot else 1),
        "seats": min(ballot.seats if ballot else contest.seats, len(names)),
        "style": ballot.style if ballot else style_of(contest),
        "candidates": [{"id": str(one.pk), "name": label} for one, label in zip(names, labels_of(names), strict=True)],
        "paper": paper,
        "lang": language,
        "stamp_box": stamp_box,
        "large_print": variant == PaperForm.Variant.LARGE,
    }


def _election(contest: Contest, ballot: str) -> str:
    """What the codes on the paper name; that of a trial is no ballot's, so that no count takes its sheets."""
    congress = contest.congress
    return "/".join((congress.unit.organisation.key, congress.unit.code, str(congress.pk), contest.body, ballot))


def form_for(reader: User, pk: int) -> PaperForm:
    """A form that `reader` may see; 404 otherwise."""
    forms = PaperForm.objects.filter(visible(reader, VIEW, "contest__congress__unit__path"))
    return get_object_or_404(forms.select_related(*related_to("contest"), "ballot"), pk=pk)


def run_for(reader: User, pk: int) -> PrintRun:
    """A print run that `reader` may see; 404 otherwise."""
    runs = PrintRun.objects.filter(visible(reader, VIEW, "form__contest__congress__unit__path"))
    return get_object_or_404(runs.select_related(*related_to("form__contest"), "form__ballot", "by"), pk=pk)


def related_to(contest: str) -> tuple[str, ...]:
    """What the pages need of a contest, read along with the row that leads to it."""
    return f"{contest}__congress__unit__organisation", f"{contest}__congress__cycle"


def forms_of(subject: Contest | Ballot) -> list[PaperForm]:
    """The forms of a ballot, or those for the trials of a contest; live ones first, without their layouts."""
    own = Q(ballot=subject) if isinstance(subject, Ballot) else Q(contest=subject, ballot=None)
    forms = PaperForm.objects.filter(own).select_related("contest__congress__unit", "ballot").defer("layout")
    return sorted(forms, key=lambda form: bool(form.withdrawn))


def list_changed(form: PaperForm) -> bool:
    """Whether the list of a paper for a trial is no longer that on it; the list of a ballot stays as it is."""
    if form.ballot_id or form.withdrawn:
        return False
    names = in_order(form.contest)
    now = [{"id": str(one.pk), "name": label} for one, label in zip(names, labels_of(names), strict=True)]
    return bool(now != form.spec.get("candidates"))


def runs_of(subject: Contest | Ballot) -> list[PrintRun]:
    """The print runs of a ballot, or those for the trials of a contest, the last one first."""
    own = Q(form__ballot=subject) if isinstance(subject, Ballot) else Q(form__contest=subject, form__ballot=None)
    runs = PrintRun.objects.filter(own).select_related("form", "by").defer("form__layout")
    return list(runs.order_by("-pk"))


def counting_runs(ballot: Ballot) -> QuerySet[PrintRun]:
    """The runs whose copies are ballots: not withdrawn and no deck."""
    return PrintRun.objects.filter(form__ballot=ballot, withdrawn="", deck=False)


def printed_by_runs(ballot: Ballot) -> int | None:
    """The copies of all runs that count; None where nothing was printed from here."""
    total: int | None = counting_runs(ballot).aggregate(total=Sum("copies"))["total"]
    return total


# Stock --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stock:
    """Where the ballots of a ballot are: printed = issued + spoilt + unused, as soon as all four are known."""

    printed: int | None
    issued: int | None
    spoilt: int | None
    unused: int | None

    @property
    def accounted(self) -> int:
        """What is known of where they are."""
        return sum(number or 0 for number in (self.issued, self.spoilt, self.unused))

    @property
    def unknown(self) -> bool:
        """Whether a figure is missing, so that nothing can be said yet."""
        return None in (self.printed, self.issued, self.spoilt, self.unused)

    @property
    def missing(self) -> int:
        """Printed ballots of which nobody says where they are; below zero when there are more than were printed."""
        return (self.printed or 0) - self.accounted

    @property
    def too_many(self) -> int:
        """How many more ballots there are than were printed."""
        return max(0, -self.missing)


def stock_of(ballot: Ballot) -> Stock:
    """The stock of a ballot's papers."""
    return Stock(ballot.printed, ballot.issued, ballot.spoilt, ballot.unused)


# My desk ------------------------------------------------------------------------------------------


def paper_items(reader: User, today: date) -> Iterator[DeskItem]:
    """What has to be done about papers: forms that the scan needs, figures of the stock, results of trials."""
    yield from _forms_missing(reader, today)
    yield from _stock_missing(reader, today)
    yield from _trials_read(reader, today)


def _forms_missing(reader: User, today: date) -> Iterator[DeskItem]:
    """Ballots that are to be scanned and have no paper yet."""
    inside = visible(reader, "elections.prepare", "contest__congress__unit__path")
    ballots = Ballot.objects.filter(inside, state=Ballot.State.PREPARED, contest__congress__state="open")
    for ballot in ballots.select_related("contest__congress__unit__organisation"):
        lacking = rules.SCAN in ballot.ways and not ballot.forms.filter(withdrawn="").exists()
        if lacking and allowing(reader, "elections.prepare", ballot.place, ballot.phase):
            why = _("Only a paper that was designed here can be read by the scanner.")
            yield _item(ballot, today, why, _("Design the ballot paper"), _("Design"), "paper")


def _stock_missing(reader: User, today: date) -> Iterator[DeskItem]:
    """Counted ballots of which the board has not said yet how many were spoilt and left over."""
    ballots = Ballot.objects.filter(contest__congress__board__user=reader, contest__congress__state="open")
    open_ones = ballots.filter(state=Ballot.State.AGREED, printed__isnull=False)
    for ballot in open_ones.filter(Q(spoilt=None) | Q(unused=None)).select_related("contest__congress__unit"):
        if allowing(reader, "elections.count", ballot.place, ballot.phase):
            why = _("Printed is issued, spoilt and left over: a ballot that is nowhere must be found.")
            title = _("Record the spoilt and left-over ballots")
            yield _item(ballot, today, why, title, _("Record"), "stock")


def _trials_read(reader: User, today: date) -> Iterator[DeskItem]:
    """Trials that were scanned and wait to be put on record."""
    inside = visible(reader, "elections.prepare", "form__contest__congress__unit__path")
    stacks = ScanBatch.objects.filter(inside, purpose=ScanBatch.Purpose.TRIAL, state=ScanBatch.State.READ, trial=None)
    for stack in stacks.select_related("form__contest__congress__unit__organisation"):
        contest = stack.form.contest
        phase = contest.phase
        if phase in ("preparation", "session") and allowing(reader, "elections.prepare", contest.place, phase):
            yield DeskItem(
                title=_("Put the trial count on record"),
                unit=contest.place,
                due=today,
                why=_("The congress can rely on a scanner that has passed a trial with a known answer."),
                url=reverse("elections:trial_result", args=[stack.pk]),
                verb=_("Compare"),
                kind="elections.trial_result",
                today=today,
                detail=str(contest),
                optional=True,
            )


def _item(ballot: Ballot, today: date, why: str, title: str, verb: str, page: str) -> DeskItem:
    return DeskItem(
        title=title,
        unit=ballot.place,
        due=today,
        why=why,
        url=reverse(f"elections:{page}", args=[ballot.pk]),
        verb=verb,
        kind=f"elections.{page}",
        today=today,
        state=ballot.state,
        detail=str(ballot.contest),
    )
