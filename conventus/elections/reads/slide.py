"""What the hall is shown of a declared result: names, votes, who is elected; nothing else about anybody."""

from __future__ import annotations

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conventus.elections.models import Ballot, VoteCount, labels_of
from conventus.elections.record.slide import Shown, SlideFacts, SlideWords


def slide_facts(ballot: Ballot, language: str) -> SlideFacts:
    """The slides of a declared ballot, in the language of the hall."""
    assert ballot.declared_at
    counts = list(ballot.vote_counts.select_related("candidate__person"))
    labels = labels_of([one.candidate for one in counts])
    with translation.override(language):
        return SlideFacts(
            unit=ballot.contest.congress.unit.name,
            contest=ballot.contest.title,
            round=str(ballot.get_kind_display()),
            names=tuple(_shown(one, label) for one, label in zip(counts, labels, strict=True)),
            words=_words(ballot, sum(one.elected for one in counts)),
            language=language,
            declared=timezone.localtime(ballot.declared_at),
        )


def _shown(count: VoteCount, label: str) -> Shown:
    outcome = next((name for name in ("elected", "alternate", "tied") if getattr(count, name)), "out")
    return Shown(count.place_in_order, label, count.votes, outcome)


def _words(ballot: Ballot, elected: int) -> SlideWords:
    relative = ballot.majority == "relative" or ballot.needed is None
    filled = ngettext("%(elected)s of %(seats)s seat filled", "%(elected)s of %(seats)s seats filled", ballot.seats)
    return SlideWords(
        result=_("Result"),
        votes=_("Votes"),
        elected=_("elected"),
        alternate=_("alternate"),
        tied=_("tied"),
        needed=_("the highest numbers decide") if relative else _("%(votes)s votes elect") % {"votes": ballot.needed},
        counted=_("%(valid)s valid ballots of %(collected)s") % {"valid": ballot.valid, "collected": ballot.collected},
        summary=filled % {"elected": elected, "seats": ballot.seats},
    )
