"""Rows of the elections: the board, contests, ballots, counts, ballots on paper and their scans."""

from conventus.elections.models.audits import Audit, AuditDraw, StackExplanation
from conventus.elections.models.ballots import Ballot
from conventus.elections.models.contests import BoardMember, Candidate, Contest, labels_of
from conventus.elections.models.count import CountEntry, VoteCount, count_of, figures_of, seal_of
from conventus.elections.models.evidence import Evidence, evidence_key_path, evidence_path
from conventus.elections.models.papers import Adjudication, BatchCount, PaperForm, PrintRun, ScanBatch, Sheet
from conventus.elections.models.trials import Trial

__all__ = [
    "Adjudication",
    "Audit",
    "AuditDraw",
    "Ballot",
    "BatchCount",
    "BoardMember",
    "Candidate",
    "Contest",
    "CountEntry",
    "Evidence",
    "PaperForm",
    "PrintRun",
    "ScanBatch",
    "Sheet",
    "StackExplanation",
    "Trial",
    "VoteCount",
    "count_of",
    "evidence_key_path",
    "evidence_path",
    "figures_of",
    "labels_of",
    "seal_of",
]
