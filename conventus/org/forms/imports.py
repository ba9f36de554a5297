"""Forms of the import: which file, and how it is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from conventus.core.forms import LawForm
from conventus.org.imports.files import ENCODINGS


class UploadForm(LawForm):
    """The file to import."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or ODS with a row of headings. Nothing is written before you have seen the report."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}),
    )
    encoding = forms.ChoiceField(
        label=_("Text encoding of a CSV file"),
        choices=[("", _("find it")), *((name, name.upper()) for name in ENCODINGS)],
        required=False,
        help_text=_("Name it only if the report shows wrong letters."),
    )

    def clean_file(self) -> Any:
        """The file, if it is not larger than this installation takes."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size and file.size > settings.UPLOAD_LIMIT:
            limit = settings.UPLOAD_LIMIT // 1024 // 1024
            words = _("The file has more than %(limit)s MB. Split it, or import it on the command line.")
            raise forms.ValidationError(words, params={"limit": limit})
        return file
