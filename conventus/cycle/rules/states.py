"""The way of one congress from planned to recognised, what each step needs, and the sum over many. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Refusal, raise_all
from conventus.cycle.rules.law import Law

PLANNED, DATED, SUBMITTED, RETURNED, APPROVED = "planned", "dated", "submitted", "returned", "approved"
OPEN, HELD, FILED, SENT_BACK, RECOGNISED = "open", "held", "filed", "sent_back", "recognised"

STATES = (PLANNED, DATED, SUBMITTED, RETURNED, APPROVED, OPEN, HELD, FILED, SENT_BACK, RECOGNISED)
PHASES = {
    "preparation": (PLANNED, DATED, SUBMITTED, RETURNED, APPROVED),
    "session": (OPEN,),
    "after": (HELD, FILED, SENT_BACK, RECOGNISED),
}
DONE = PHASES["after"]

Steps = dict[str, tuple[str, ...]]


def phase_of(state: str) -> str:
    """`preparation`, `session` or `after`."""
    return next(phase for phase, states in PHASES.items() if state in states)


def next_states(law: Law, state: str, on: date) -> tuple[str, ...]:
    """The states that one step can lead to on day `on`; none at the end of the way.

    Without appraisal in the pack a dated congress can be opened; without recognition the way ends when it is filed.
    """
    before: Steps = {DATED: (SUBMITTED,), SUBMITTED: (RETURNED, APPROVED), RETURNED: (SUBMITTED,), APPROVED: (OPEN,)}
    after: Steps = {FILED: (SENT_BACK, RECOGNISED), SENT_BACK: (FILED,)}
    steps: Steps = {PLANNED: (DATED,), OPEN: (HELD,), HELD: (FILED,)}
    steps |= before if law.appraisal_required.at(on).value else {DATED: (OPEN,)}
    steps |= after if law.recognition_required.at(on).value else {}
    return steps.get(state, ())


def check_transition(law: Law, state: str, to: str, on: date) -> None:
    """Refuse a step that the pack's way of a congress does not have."""
    allowed = next_states(law, state, on)
    if to not in allowed:
        rule = law.appraisal_required if phase_of(state) == "preparation" else law.recognition_required
        params = {"state": state, "to": to, "allowed": ", ".join(allowed) or "–"}
        raise Refusal("cycle.step_not_allowed", article=rule.at(on).cite, field="state", **params)


def is_finished(law: Law, state: str, on: date) -> bool:
    """Whether nothing more is expected of a congress in this state."""
    return state == RECOGNISED or (state == FILED and not law.recognition_required.at(on).value)


@dataclass(frozen=True)
class MilestoneState:
    """A milestone as it stands: `reported_on` is None while it is open."""

    key: str
    name: str
    required: bool
    reported_on: date | None = None


def check_ready_to_submit(milestones: Iterable[MilestoneState]) -> None:
    """Refuse to submit while a required milestone has not been reported; names each of them."""
    missing = (one for one in milestones if one.required and one.reported_on is None)
    raise_all(Refusal("cycle.not_ready", field=one.key, milestone=one.name) for one in missing)


def check_findings(findings: Sequence[str]) -> None:
    """Refuse to return something without at least one finding, each with its text."""
    if not findings:
        raise Refusal("cycle.nothing_to_mend", field="findings")
    empty = (number for number, text in enumerate(findings, 1) if not text.strip())
    raise_all(Refusal("cycle.finding_empty", field="findings", number=number) for number in empty)


@dataclass(frozen=True)
class Progress:
    """How many congresses stand where: `counts` has every state, `held` those whose session is over."""

    counts: Mapping[str, int]
    total: int
    held: int
    finished: int

    @property
    def held_share(self) -> float:
        """Share of congresses held, 0 to 1; 0 when there are none."""
        return self.held / self.total if self.total else 0.0


def progress(states: Iterable[str], last: Collection[str] = (RECOGNISED,)) -> Progress:
    """The sum over the states of many congresses, in the order of the way; `last` states count as finished."""
    found = Counter(states)
    counts = {state: found[state] for state in STATES}
    held, finished = (sum(counts[state] for state in group) for group in (DONE, last))
    return Progress(counts, sum(counts.values()), held, finished)
