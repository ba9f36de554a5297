"""Verbs of the cycle."""

from conventus.cycle.actions.cycles import generate, generate_part, open_cycle, refresh_windows
from conventus.cycle.actions.dates import RowRefusals, set_date, set_dates, withdraw_date
from conventus.cycle.actions.feeds import make_feed, revoke_feed
from conventus.cycle.actions.filing import (
    ADDING,
    WITHDRAWING,
    add_paper,
    file_paper,
    withdraw_filed_paper,
    withdraw_paper,
)
from conventus.cycle.actions.way import (
    approve,
    close_congress,
    file_result,
    open_congress,
    recognise,
    report_milestone,
    return_with_findings,
    send_back,
    submit,
    undo_report,
)

__all__ = [
    "ADDING",
    "WITHDRAWING",
    "RowRefusals",
    "add_paper",
    "approve",
    "close_congress",
    "file_paper",
    "file_result",
    "generate",
    "generate_part",
    "make_feed",
    "open_congress",
    "open_cycle",
    "recognise",
    "refresh_windows",
    "report_milestone",
    "return_with_findings",
    "revoke_feed",
    "send_back",
    "set_date",
    "set_dates",
    "submit",
    "undo_report",
    "withdraw_date",
    "withdraw_filed_paper",
    "withdraw_paper",
]
