"""The shape of the pack's table for `cycle`, and the words of the room's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from conventus.core.rules import N_, Rule, refusal_texts

refusal_texts(
    "cycle",
    {
        "level_without_congress": N_("The rule pack knows no congress at the level “%(level)s”."),
        "window_empty": N_("No day is left: from %(opens)s to %(closes)s. Let the superior change its plan."),
        "before_window": N_("%(start)s lies before the window, which opens on %(opens)s. Choose a later day."),
        "after_window": N_("The congress would end on %(end)s; the window closes on %(closes)s. Go earlier."),
        "on_holiday": N_("%(start)s is a public holiday (%(holiday)s). Choose another day."),
        "on_closed_weekday": N_("%(start)s falls on a weekday without congresses. Choose another day."),
        "too_short": N_("A congress lasts at least half a day."),
        "too_long": N_("%(half_days)s half days are more than the %(longest)s allowed. Shorten the programme."),
        "preparatory_too_long": N_("The preparatory session takes %(half_days)s half days; %(longest)s are allowed."),
        "preparatory_whole": N_("The preparatory session leaves no time for the congress itself. Shorten it."),
        "before_child": N_("%(unit)s below holds its congress until %(end)s. Choose a day after %(earliest)s."),
        "after_parent": N_("%(unit)s above opens its congress on %(start)s. End before %(latest)s."),
        "child_undated": N_("%(count)s units below have no date yet (%(units)s). They must be held first."),
        "before_pilot": N_("The pilot %(unit)s lasts until %(end)s. Choose a day after %(earliest)s."),
        "pilot_undated": N_("%(count)s pilots have no date yet (%(units)s). They must be held first."),
        "notice_short": N_("Announced on %(announced)s; it had to be announced by %(due)s for this opening."),
        "notice_missing": N_("The opening must be announced by %(due)s. Record the notice or choose a later day."),
        "step_not_allowed": N_("This step leads to “%(to)s”, but from “%(state)s” only these are open: %(allowed)s."),
        "not_ready": N_("“%(milestone)s” has not been reported. Report it, then submit."),
        "nothing_to_mend": N_("Say what has to be mended: at least one finding with its text."),
        "finding_empty": N_("Finding %(number)s has no text. Write it or remove it."),
        "contents_unknown": N_("The rule pack has no congress with %(contents)s contents. Use one of: %(known)s."),
        "contents_not_yet": N_("Congresses with %(contents)s contents are not provided for on %(day)s."),
        "contents_not_reorganised": N_("Two contents are for merged or new units only. Choose four or three."),
        "contents_need_consent": N_("Not electing the committee needs the superior's consent. Record it first."),
        "months_short": N_("%(left)s months are left from %(reference)s; at least %(least)s are needed."),
    },
)

AM, PM = "am", "pm"


@dataclass(frozen=True)
class LevelLaw:
    """The congress of one level: window (both days inclusive), lengths in half days, term in months."""

    opens: Rule[date]
    closes: Rule[date]
    pilot_opens: Rule[date]
    pilot_closes: Rule[date]
    half_days: Rule[int]
    preparatory: Rule[int]
    """The most half days of a preparatory session, counted inside the congress (CAL-6); 0 = none is provided for."""
    term_months: Rule[int]
    form: Rule[str]
    """`members`, `delegates` or `by_size`."""


@dataclass(frozen=True)
class MilestoneLaw:
    """A step of the preparation: for which levels it is due how long before the opening.

    `counted` is `working_days` or `days`; a `reported` milestone is one that the unit reports itself, and a `required`
    one must be reported before the preparation can be submitted.
    """

    name: str
    counted: str
    lead: Mapping[str, Rule[int]]
    reported: bool = True
    required: bool = False


@dataclass(frozen=True)
class Contents:
    """What a congress deals with, and what follows for committee and delegates (CON-1 to CON-3).

    The modes are `elected`, `appointed` or `unchanged`.
    """

    name: str
    items: Rule[tuple[str, ...]]
    committee_mode: Rule[str]
    delegates_mode: Rule[str]


@dataclass(frozen=True)
class Law:
    """The pack's table for `cycle`."""

    levels: Mapping[str, LevelLaw]
    milestones: Mapping[str, MilestoneLaw]
    contents: Mapping[str, Contents]
    """By the number of contents, written as text: `4`, `3`, `2`."""
    weekend: Rule[tuple[int, ...]]
    """Weekdays that are no working days (1 = Monday … 7 = Sunday)."""
    closed_weekdays: Rule[tuple[int, ...]]
    """Weekdays on which no congress sits."""
    child_gap_days: Rule[int]
    """Free days between the end of the last congress below and the opening (CAL-11)."""
    child_precedence: Rule[str]
    """`error` when a parent's congress before its children's is refused, `warning` when it is only pointed out."""
    pilot_gap_days: Rule[int]
    pilot_precedence: Rule[str]
    notice_severity: Rule[str]
    members_below: Rule[int]
    """A unit with fewer members than this holds a members' congress (DEL-2)."""
    appraisal_required: Rule[bool]
    recognition_required: Rule[bool]
    age_reference: Mapping[str, Rule[str]] = field(default_factory=dict)
    """The reference month (`2025-04`) by level or kind of post (CAL-8)."""
    months_left: Mapping[str, Rule[int]] = field(default_factory=dict)
    """The fewest months left before retirement, by case: `reelected`, … (PER-3)."""
