"""Verbs of the elections: board and lists, ballots, the count by two people, results."""

from conventus.elections.actions.ballots import choose_paths, issue, prepare_ballot, set_electorate
from conventus.elections.actions.count import (
    OWN,
    Choice,
    accept_warning,
    enter_count,
    field_of,
    refusal_at,
    repeat_count,
    resolve,
)
from conventus.elections.actions.lists import (
    add_candidate,
    appoint_board,
    change_contest,
    close_list,
    open_contest,
    withdraw_candidate,
)
from conventus.elections.actions.results import decide, declare_result, draw_lot

__all__ = [
    "OWN",
    "Choice",
    "accept_warning",
    "add_candidate",
    "appoint_board",
    "change_contest",
    "choose_paths",
    "close_list",
    "decide",
    "declare_result",
    "draw_lot",
    "enter_count",
    "field_of",
    "issue",
    "open_contest",
    "prepare_ballot",
    "refusal_at",
    "repeat_count",
    "resolve",
    "set_electorate",
    "withdraw_candidate",
]
