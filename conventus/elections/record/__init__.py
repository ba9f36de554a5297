"""The counting record of a ballot as an official paper (rulebook ELE-33). Pure: facts and a form in, a paper out."""

from .facts import AcceptedWarning, BaseLine, BoardMember, Entry, RecordFacts, Result, Ruled, ScanFacts
from .paper import counting_record
from .words import RecordForm, RecordWords, load_record_form

__all__ = [
    "AcceptedWarning",
    "BaseLine",
    "BoardMember",
    "Entry",
    "RecordFacts",
    "RecordForm",
    "RecordWords",
    "Result",
    "Ruled",
    "ScanFacts",
    "counting_record",
    "load_record_form",
]
