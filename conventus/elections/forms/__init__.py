"""Shapes of what is entered about elections; the law itself speaks in rules."""

from conventus.elections.forms.contests import (
    BoardForm,
    CandidateForm,
    CloseForm,
    ContestForm,
    LotForm,
    OpenSeatsForm,
)
from conventus.elections.forms.count import CountForm, ElectorateForm, IssueForm, PathsForm, ResolveForm
from conventus.elections.forms.evidence import DecisionForm, RecordDetailsForm, SealForm
from conventus.elections.forms.fields import ReasonForm, figure_field, reason_field

__all__ = [
    "BoardForm",
    "CandidateForm",
    "CloseForm",
    "ContestForm",
    "CountForm",
    "DecisionForm",
    "ElectorateForm",
    "IssueForm",
    "LotForm",
    "OpenSeatsForm",
    "PathsForm",
    "ReasonForm",
    "RecordDetailsForm",
    "ResolveForm",
    "SealForm",
    "figure_field",
    "reason_field",
]
