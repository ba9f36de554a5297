"""What the reader may do on a congress's page now: buttons and forms, and why not yet where the law bars a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conventus.core import clock
from conventus.core.door import can
from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.templatetags.ui import day
from conventus.core.words import refusal_words
from conventus.cycle import actions, readiness, rules
from conventus.cycle.forms import DecisionForm, FindingsForm, OpeningForm
from conventus.cycle.hooks import open_points
from conventus.cycle.models import Congress

State = Congress.State


@dataclass(frozen=True)
class Offer:
    """Something that the reader may do now: a button, or a form that opens under it; `refused` says why not yet."""

    name: str
    label: str
    url: str
    icon: str
    kind: str = "primary"
    confirm: str = ""
    refused: str = ""
    form: Form | None = None
    hint: str = ""


@dataclass
class Stage:
    """The reader, the congress and the forms that came back with refusals."""

    reader: User
    congress: Congress
    forms: Mapping[str, Form]

    def form(self, name: str, make: Callable[..., Form]) -> Form:
        """The form as it came back, or a fresh one."""
        return self.forms.get(name) or make(subject=self.congress, prefix=name)

    def url(self, name: str) -> str:
        """The address of a verb."""
        return reverse(f"cycle:{name}", args=[self.congress.pk])


def offers_of(stage: Stage) -> list[Offer]:
    """The next steps that the reader may take in this state; those that the law bars say why."""
    makers = OFFERS.get(stage.congress.state, ())
    offers = [offer for make in makers if (offer := make(stage))]
    appraised = stage.congress.law.appraisal_required.at(clock.today()).value
    if stage.congress.state == State.DATED:
        return [offer for offer in offers if (offer.name == "submit") == appraised]
    return offers


def _because(refusals: Iterable[Refusal]) -> str:
    return " ".join(refusal_words(refusal) for refusal in refusals)


def _submit(stage: Stage) -> Offer | None:
    if not can(stage.reader, actions.submit, stage.congress):
        return None
    missing = _because(readiness.submitting(stage.congress))
    label = _("Submit again") if stage.congress.state == State.RETURNED else _("Submit the preparation")
    ask = _("Hand the preparation in? Until it comes back, its date and papers cannot be changed.")
    return Offer("submit", label, stage.url("submit"), "send", refused=missing, confirm=ask)


def _approve(stage: Stage) -> Offer | None:
    if not can(stage.reader, actions.approve, stage.congress):
        return None
    form = stage.form("approve_form", DecisionForm)
    return Offer("approve", _("Approve the preparation"), stage.url("approve"), "stamp", form=form)


def _return(stage: Stage) -> Offer | None:
    if not can(stage.reader, actions.return_with_findings, stage.congress):
        return None
    form = stage.form("return_form", FindingsForm)
    return Offer(
        "return", _("Return with findings"), stage.url("return_with_findings"), "return", "secondary", form=form
    )


def _open(stage: Stage) -> Offer | None:
    congress = stage.congress
    if not can(stage.reader, actions.open_congress, congress):
        return None
    barred, warnings = readiness.opening(congress, clock.today())
    return Offer(
        "open",
        _("Open the congress"),
        stage.url("open_congress"),
        "live",
        refused=_because(barred),
        form=stage.form("opening_form", OpeningForm),
        hint=_because(finding.refusal() for finding in warnings),
    )


def _close(stage: Stage) -> Offer | None:
    if not can(stage.reader, actions.close_congress, stage.congress):
        return None
    barred = _because(open_points(stage.congress))
    ask = _("Close the session? Counting and elections end with it.")
    return Offer("close", _("Close the congress"), stage.url("close_congress"), "assembly", confirm=ask, refused=barred)


def _file(stage: Stage) -> Offer | None:
    if not can(stage.reader, actions.file_result, stage.congress):
        return None
    again = stage.congress.state == State.SENT_BACK
    label = _("File the result again") if again else _("File the result")
    return Offer("file", label, stage.url("file_result"), "folder", refused=_because(open_points(stage.congress)))


def _recognise(stage: Stage) -> Offer | None:
    if not _needs_recognition(stage.congress) or not can(stage.reader, actions.recognise, stage.congress):
        return None
    form = stage.form("recognise_form", DecisionForm)
    return Offer("recognise", _("Recognise the result"), stage.url("recognise"), "seal", form=form)


def _send_back(stage: Stage) -> Offer | None:
    if not _needs_recognition(stage.congress) or not can(stage.reader, actions.send_back, stage.congress):
        return None
    form = stage.form("send_back_form", FindingsForm)
    return Offer("send_back", _("Send the result back"), stage.url("send_back"), "folder-back", "secondary", form=form)


def _needs_recognition(congress: Congress) -> bool:
    return congress.law.recognition_required.at(clock.today()).value


OFFERS: dict[str, tuple[Callable[[Stage], Offer | None], ...]] = {
    State.DATED: (_submit, _open),
    State.RETURNED: (_submit,),
    State.SUBMITTED: (_approve, _return),
    State.APPROVED: (_open,),
    State.OPEN: (_close,),
    State.HELD: (_file,),
    State.SENT_BACK: (_file,),
    State.FILED: (_recognise, _send_back),
}

WAITING = {
    State.PLANNED: gettext_lazy("Next: a date."),
    State.DATED: gettext_lazy("Next: the steps of the preparation, then %(next)s."),
    State.SUBMITTED: gettext_lazy("The preparation is with %(superior)s."),
    State.RETURNED: gettext_lazy("Returned by %(superior)s: mend what was found, then submit again."),
    State.APPROVED: gettext_lazy("Approved. It opens on %(start)s."),
    State.OPEN: gettext_lazy("The congress is in session."),
    State.HELD: gettext_lazy("Next: the result is filed."),
    State.FILED: gettext_lazy("The result is with %(superior)s."),
    State.SENT_BACK: gettext_lazy("Sent back by %(superior)s: mend what was found, then file again."),
    State.RECOGNISED: gettext_lazy("The result is recognised. Nothing is left to do."),
}


def standing_words(congress: Congress) -> str:
    """Where the congress stands, in a sentence."""
    if rules.is_finished(congress.law, congress.state, clock.today()) and congress.state != State.RECOGNISED:
        return _("The result is filed. Nothing is left to do.")
    appraised = congress.law.appraisal_required.at(clock.today()).value
    words = {
        "superior": congress.superior.name if congress.superior else "",
        "start": day(congress.starts_on),
        "next": _("the appraisal") if appraised else _("the opening"),
    }
    return str(WAITING[State(congress.state)]) % words
