"""Official papers: described once as data, set as DOCX and as PDF; the organisation's words come from form files."""

from .docx import to_docx
from .form import Form, FormError, fill, load_form, word
from .paper import (
    Block,
    Column,
    Facts,
    Footer,
    Heading,
    Items,
    Letterhead,
    Lines,
    Note,
    Paper,
    Paragraph,
    Recipients,
    Signature,
    Table,
    digest,
    sealed,
)
from .pdf import to_pdf, to_pngs

__all__ = [
    "Block",
    "Column",
    "Facts",
    "Footer",
    "Form",
    "FormError",
    "Heading",
    "Items",
    "Letterhead",
    "Lines",
    "Note",
    "Paper",
    "Paragraph",
    "Recipients",
    "Signature",
    "Table",
    "digest",
    "fill",
    "load_form",
    "sealed",
    "to_docx",
    "to_pdf",
    "to_pngs",
    "word",
]
