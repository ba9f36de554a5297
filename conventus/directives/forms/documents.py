"""Forms of documents: register and change, relate, withdraw, filter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conventus.core import files
from conventus.core.forms import LawForm, date_field
from conventus.core.models import User
from conventus.core.templatetags.ui import day
from conventus.directives import reads, rules
from conventus.directives.forms.picking import Picker, PickingForm
from conventus.directives.models import Document, DocumentLink
from conventus.directives.terms import STANDINGS, term
from conventus.org import reads as org
from conventus.org.models import Unit

Kind = DocumentLink.Kind
FIXED = ("type", "number", "issuer_code", "issued_on", "valid_from", "valid_to")
"""The parts that stay as they are once the document was put in force."""


def documents_to_choose(reader: User, unit: Unit, apart_from: Document | None = None) -> QuerySet[Document]:
    """The documents of the organisation that a document of `unit` may be related to, as far as `reader` sees them."""
    rows = reads.documents_of(reader).filter(unit__organisation=unit.organisation_id)
    return rows.exclude(pk=(apart_from and apart_from.pk) or 0).exclude(state=Document.State.WITHDRAWN)


def document_picker(reader: User, rows: QuerySet[Document], *, single: bool = False) -> Picker:
    """Documents by symbol and day, with their titles."""
    return Picker(
        rows=rows,
        search=lambda found, words: reads.search_documents(reader, words, found),
        label=lambda one: gettext("%(symbol)s of %(date)s") % {"symbol": one.symbol, "date": day(one.issued_on)},
        note=lambda one: f"{one.title} ({one.issuing_body})",
        single=single,
        shown=12,
    )


class DocumentForm(PickingForm):
    """Register a document of `unit`, or change one."""

    type = forms.ChoiceField(label=_("Type"))
    number = forms.CharField(label=_("Number"), max_length=20, help_text=_("The digits before the stroke, e.g. 268."))
    issuer_code = forms.CharField(
        label=_("Issuer's symbol"), max_length=20, help_text=_("The letters after the stroke, e.g. TU.")
    )
    issued_on = date_field(_("Issued on"))
    title = forms.CharField(label=_("Title"), max_length=400)
    issuing_body = forms.CharField(
        label=_("Issuing body"), max_length=200, required=False, help_text=_("Empty: the unit itself.")
    )
    valid_from = date_field(_("Valid from"), required=False, help_text=_("Empty: the day of issue."))
    valid_to = date_field(_("Valid until"), required=False, help_text=_("Empty: until it is replaced or withdrawn."))
    summary = forms.CharField(label=_("Summary"), required=False, widget=forms.Textarea(attrs={"rows": 5}))
    file = forms.FileField(
        label=_("Text of the document"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": files.ACCEPT}),
        help_text=_("PDF, DOCX, ODT, XLSX, PNG or JPG."),
    )

    def __init__(self, *args: Any, unit: Unit, reader: User, document: Document | None = None, **kwargs: Any) -> None:
        super().__init__(*args, subject=document, **kwargs)
        self.document = document
        law: rules.Law = unit.rules.laws["directives"]
        types = [(key, f"{key} · {term(unit.rules, f'document_type.{key}')}") for key in law.types]
        self.fields["type"].choices = [("", "–"), *types]  # type: ignore[attr-defined]
        self._add_pickers(unit, reader)
        self._fill(unit)

    @property
    def fixed(self) -> bool:
        """Whether the document was put in force, so that its key, dates and relations stay."""
        return self.document is not None and self.document.state != Document.State.DRAFT

    def _add_pickers(self, unit: Unit, reader: User) -> None:
        if self.fixed:
            return
        rows = documents_to_choose(reader, unit, self.document)
        above = rows.filter(unit__in=unit.ancestor_ids)
        below = rows.filter(org.below(unit.path, "unit__path"))
        implements = _("Earlier acts of the same body or of a higher one.")
        replaces = _("They end, with their open duties, when this one is put in force.")
        self._pick(Kind.IMPLEMENTS, document_picker(reader, above), _("Implements"), implements)
        self._pick(Kind.REPLACES, document_picker(reader, below), _("Replaces"), replaces)

    def _pick(self, kind: Kind, picker: Picker, label: Any, words: Any) -> None:
        held = [link.target_id for link in self.document.links.filter(kind=kind)] if self.document else None
        self.pick(kind.value, picker, label=label, help_text=words, initial=held)

    def _fill(self, unit: Unit) -> None:
        document = self.document
        if document is None:
            last = unit.documents.order_by("-pk").first()
            self.fields["issuer_code"].initial = last.issuer_code if last else ""
            self.fields["issuing_body"].initial = last.issuing_body if last else unit.name
            return
        for name in (*FIXED, "title", "issuing_body", "summary"):
            self.fields[name].initial = getattr(document, name)
            self.fields[name].disabled = self.fixed and name in FIXED
        if document.file:
            self.fields["remove_file"] = forms.BooleanField(
                label=gettext("Remove the file “%(name)s”") % {"name": document.file.name}, required=False
            )

    def values(self) -> dict[str, Any]:
        """The keyword arguments of the actions; what is fixed goes along as it is."""
        values = super().values()
        if self.fixed and self.document:
            held = self.document.links.select_related("target__unit__organisation")
            for kind in (Kind.IMPLEMENTS, Kind.REPLACES):
                values[kind.value] = [link.target for link in held if link.kind == kind]
        return values


class LinkForm(PickingForm):
    """Say what a document does to another one, after it was registered."""

    kind = forms.ChoiceField(label=_("Relation"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, reader: User, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, subject=document, **kwargs)
        draft = document.state == Document.State.DRAFT
        kinds = [choice for choice in Kind.choices if draft or choice[0] != Kind.REPLACES]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = Kind.IMPLEMENTS.value
        rows = documents_to_choose(reader, document.unit, document)
        self.pick("target", document_picker(reader, rows, single=True), label=_("Which document"))


class ReasonForm(LawForm):
    """Why something is withdrawn."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who sees the document reads it."),
    )


class DocumentFilter(forms.Form):
    """What to show of the register."""

    type = forms.ChoiceField(label=_("Type"), required=False)
    standing = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *STANDINGS.items()])
    issuer = forms.CharField(label=_("Issuer"), required=False, widget=forms.TextInput(attrs={"list": "issuers"}))
    on = date_field(_("In force on"), required=False)

    def __init__(self, *args: Any, types: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [("", _("all")), *types]  # type: ignore[attr-defined]
