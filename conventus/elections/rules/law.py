"""The shape of the pack's table for `elections`, and the words of the room's refusals and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conventus.core.rules import N_, Rule, refusal_texts

refusal_texts(
    "elections",
    {
        "kind_unknown": N_("The rule pack knows no election of “%(kind)s”. Use one of: %(known)s."),
        "no_seats": N_("At least one seat must be elected."),
        "no_candidates": N_("The list has no name. Add the prepared candidates first."),
        "candidate_twice": N_("“%(name)s” stands on the list twice. Remove one."),
        "no_surplus": N_("%(candidates)s names for %(seats)s seats: the list must have more names than seats."),
        "prepared_surplus_small": N_("%(surplus)s names more than seats were prepared; at least %(least)s are needed."),
        "prepared_surplus_large": N_("%(surplus)s names more than seats were prepared; %(most)s are the rule."),
        "surplus_over_cap": N_("%(surplus)s names more than seats; %(most)s at most are allowed. Poll the list."),
        "surplus_needs_decision": N_("More than %(most)s extra names need a decision of the congress. Record it."),
        "fewer_names_than_seats": N_("%(candidates)s names for %(seats)s seats: some seats cannot be filled."),
        "may_not_stand": N_("“%(name)s” has no right to stand: %(membership)s."),
        "off_list_committee_member": N_("“%(name)s” sits on the convening committee and is not on its list."),
        "floor_support_missing": N_("Enter the opinion ballot for “%(name)s”: votes and attendance."),
        "floor_support_low": N_("“%(name)s” has %(votes)s of %(attending)s; %(needed)s are needed to enter the list."),
        "order_unknown": N_("There is no order “%(order)s”. Use one of: %(known)s."),
        "majority_unknown": N_("There is no majority “%(majority)s”. Use one of: %(known)s."),
        "base_unknown": N_("The rule pack has no base for “%(body)s”. Use one of: %(known)s."),
        "base_figure_missing": N_("Enter “%(label)s”; write 0 if there is none."),
        "base_figure_negative": N_("“%(label)s” cannot be %(number)s. Enter 0 or more."),
        "base_figure_unknown": N_("The base has no figure “%(figure)s”."),
        "base_empty": N_("The base comes to %(total)s. Check the figures: at least one voter must remain."),
        "E01": N_("“%(figure)s” is missing. Enter it; write 0 if there is none."),
        "E02": N_("“%(figure)s” cannot be %(number)s. Enter 0 or more."),
        "E03": N_("“%(name)s” does not stand in this ballot. Remove the figure."),
        "E04": N_("There is no figure for “%(name)s”. Enter it; write 0 if there is none."),
        "E05": N_("%(collected)s ballots collected, but only %(issued)s issued. Stop, count again and record it."),
        "E06": N_(
            "%(valid)s valid and %(invalid)s invalid make %(sum)s, not the %(collected)s collected. Count again."
        ),
        "E07": N_("%(issued)s ballots issued to %(present)s voters present. Check both figures."),
        "E08": N_("“%(name)s” has %(votes)s votes, more than the %(valid)s valid ballots. Count again."),
        "E09": N_("%(votes)s votes in all, more than %(valid)s valid ballots with %(seats)s choices each allow."),
        "E10": N_("%(votes)s votes in all, fewer than the %(valid)s valid ballots: each must choose somebody."),
        "E11": N_("“%(name)s”: %(votes)s agree and %(against)s disagree, more than the %(valid)s valid ballots."),
        "E12": N_("“%(name)s”: %(votes)s agree and %(against)s disagree must make the %(valid)s valid ballots."),
        "E13": N_("%(issued)s ballots issued, but the base counts %(base)s voters. Check the base."),
        "E14": N_(
            "%(printed)s ballots were printed, but the spoilt and the unused ones are not counted. Record both numbers."
        ),
        "E15": N_(
            "“%(name)s”: the sheets give %(marks)s marks in all for %(valid)s valid sheets. Scan the ballots again."
        ),
        "E16": N_("Stack “%(stack)s”: counted by hand, it differs from the scan. Explain it, or repeat the count."),
        "E17": N_("Stack “%(stack)s” is being counted by hand. Finish that: two members must come to equal figures."),
        "W01": N_("%(missing)s of %(issued)s issued ballots were not collected."),
        "W02": N_("%(issued)s ballots issued to %(present)s voters present: %(missing)s did not take one."),
        "W03": N_("%(invalid)s of %(collected)s ballots are invalid, more than %(percent)s %%."),
        "W04": N_("Without any vote: %(names)s."),
        "W05": N_("All %(count)s names have the same figure, %(votes)s."),
        "W06": N_("%(valid)s valid ballots, but %(needed)s votes are needed: nobody can be elected."),
        "W07": N_("Many ballots are marked twice or not at all for: %(names)s."),
        "W08": N_(
            "%(issued)s issued, %(spoilt)s spoilt and %(unused)s unused against %(printed)s printed:"
            " %(difference)s. Count the unused ones again."
        ),
        "W09": N_(
            "%(scanned)s ballots scanned, %(collected)s collected. Look for a sheet not scanned or scanned twice."
        ),
        "W10": N_("Sheets found against ballots counted by hand before the scan: %(stacks)s."),
        "warning_open": N_("Accept “%(warning)s” with a reason or count again."),
        "not_on_board": N_("Only members of the counting board enter the count."),
        "counter_is_candidate": N_("A candidate cannot enter the count."),
        "entered_already": N_("You have entered this count already. Another member of the board enters it now."),
        "path_unknown": N_("There is no way to count “%(path)s”. Use of: %(known)s."),
        "path_missing": N_("The rule requires “%(path)s”. Add it to the ways in which this ballot is counted."),
        "path_none": N_("Choose at least one way to count."),
        "scan_awaited": N_(
            "All entries are in. The scan of the ballots is awaited; close it when every sheet is read."
        ),
        "count_complete": N_("The count is complete; nothing more can be entered."),
        "reason_missing": N_("Say how the difference was settled."),
        "board_too_small": N_("The counting board has %(count)s members; at least %(least)s are needed."),
        "board_without_head": N_("Name one head of the counting board."),
        "board_with_heads": N_("The counting board has %(count)s heads. Name only one."),
        "board_candidate": N_("“%(name)s” is a candidate and cannot sit on the counting board."),
        "board_without_vote": N_("“%(name)s” is no voter of this congress and cannot sit on the counting board."),
        "board_twice": N_("“%(name)s” is named twice. Remove one."),
        "ruling_unknown": N_("“%(ruling)s” is no ruling. Rule the ballot valid, invalid or not counted."),
        "ground_missing": N_("Say why: choose the ground of the ruling."),
        "ground_not_in_law": N_("By this rule such a ballot is valid. Rule it valid or choose another ground."),
        "sheet_settled": N_("The board has agreed on this ballot meanwhile; what was agreed is not taken back."),
        "mark_missing": N_("Decide what is marked for “%(name)s”."),
        "too_many_chosen": N_("The marks choose %(chosen)s for %(seats)s seats: such a ballot is invalid."),
        "invalid_by_law": N_("With these marks the ballot is invalid. Rule it so, or put the marks right."),
        "audit_tie": N_("Equal votes cannot be confirmed by a sample. Count all the papers by hand instead."),
        "seed_digits": N_("Enter the digits as the dice showed them, nothing else."),
        "seed_short": N_("%(rolls)s digits are too few: roll the dice until there are %(least)s."),
        "seed_plain": N_("These digits do not look like rolled dice. Roll them in public and enter what they show."),
        "no_valid_ballots": N_("Without valid ballots there is no result."),
    },
)

STRIKE, BOXES, SINGLE = "strike", "boxes", "single"
FIRST, SECOND, TIE = "first", "second", "tie"


@dataclass(frozen=True)
class BaseLine:
    """A line of the base: counted with `sign` 1 or -1, or only shown with 0."""

    code: str
    label: str
    sign: int


@dataclass(frozen=True)
class Kind:
    """A kind of election.

    `voters` is `congress` (the base follows the congress's form) or the key of a base. `surplus` is `required`, `free`
    or `none`; `shortfall` is `congress_decides` or `keep_balloting`.
    """

    name: str
    voters: str
    surplus: Rule[str]
    shortfall: Rule[str]
    alternates: Rule[bool]


@dataclass(frozen=True)
class BallotLaw:
    """How each doubtful ballot is ruled: `valid`, `invalid` or `board` (the counting board decides, ELE-22)."""

    not_issued: Rule[str]
    too_many: Rule[str]
    none_on_strike: Rule[str]
    none_on_boxes: Rule[str]
    single_unclear: Rule[str]
    foreign_name: Rule[str]
    writing: Rule[str]


@dataclass(frozen=True)
class Law:
    """The pack's table for `elections`. Percentages are whole numbers."""

    kinds: Mapping[str, Kind]
    bases: Mapping[str, Rule[tuple[BaseLine, ...]]]
    """Lines of the base by body: `members`, `delegates`, `committee`."""
    majority: Mapping[str, Rule[str]]
    """The named majority by round: `first`, `second`, `tie`."""
    second_list: Rule[str]
    """Who stands again: `all_not_elected` or `twice_open_seats`."""
    tie_again: Rule[str]
    """After a tie in the tie ballot: `congress_decides` or `lot`."""
    rounds_before_decision: Rule[int]
    """How many ballots are held before the congress decides whether to go on (for `keep_balloting`)."""
    surplus_least_percent: Rule[int]
    surplus_most_percent: Rule[int]
    surplus_cap_percent: Rule[int]
    small_body_seats: Rule[int]
    """Up to so many seats the surplus is `small_body_surplus` and no more (PER-11)."""
    small_body_surplus: Rule[int]
    floor_percent: Rule[int]
    """A nominee from the floor needs more than this share of those attending (ELE-8); 0 = no opinion ballot."""
    committee_list_binds: Rule[bool]
    """Whether members of the convening committee may stand on its own list only (ELE-5)."""
    convening_posts: Rule[tuple[str, ...]]
    """The posts that make somebody a member of the convening committee."""
    order: Rule[str]
    """The order of names: `given_name_vi`, `family_name` or `blocks`."""
    ballot: BallotLaw
    board_least: Rule[int]
    paths: Rule[tuple[str, ...]]
    """The counts that must be made apart and be equal: of `first`, `second` (blind entries) and `scan`."""
    adjudicators: Rule[int]
    """So many members of the board must agree about a ballot that is in doubt (ELE-22)."""
    audit_risk_percent: Rule[int]
    """The risk limit proposed for a sample audit of the scan against the paper."""
    invalid_percent: Rule[int]
    """A larger share of invalid or unclear ballots is pointed out."""
    record: Rule[tuple[str, ...]]
    """What the counting record must hold (codes of `RECORD_FIELDS`)."""
    keep_ballots_months: Rule[int]
    complaint_working_days: Rule[int]
