"""The notice of an appraisal and the decision on a filed result. Pure: facts and a form in, a paper out."""

from .appraisal import AppraisalFacts, Document, NoticeForm, NoticeWords, appraisal_paper, load_appraisal_form
from .issue import Finding, Issue
from .recognition import (
    Body,
    DecisionForm,
    DecisionWords,
    Person,
    RecognitionFacts,
    load_recognition_form,
    recognition_paper,
)

__all__ = [
    "AppraisalFacts",
    "Body",
    "DecisionForm",
    "DecisionWords",
    "Document",
    "Finding",
    "Issue",
    "NoticeForm",
    "NoticeWords",
    "Person",
    "RecognitionFacts",
    "appraisal_paper",
    "load_appraisal_form",
    "load_recognition_form",
    "recognition_paper",
]
