"""Collecting, merging and compiling the words, without the gettext programs."""

from __future__ import annotations

import gettext
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from conventus.core import translations

pytestmark = pytest.mark.once
OLD = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"POT-Creation-Date: 2020-01-01 00:00+0000\\n"

#: conventus/core/rules.py
msgid "kept"
msgstr "giữ"

#: conventus/core/rules.py
msgid "gone"
msgstr "mất"
"""
CODE = """
a = _("kept")
b = ngettext("%(n)s day", "%(n)s days", 2)
c = pgettext_lazy("state", "open")
d = {"x": N_("two "
             "parts")}
"""
PAGE = """
{% translate "It's “so”" %} {{ x|default:_("all") }} {% tag title=_('Title') %}{# _("not this") #}
{% translate "open" context "door" %}
{% blocktranslate count n=n trimmed %}
  {{ n }} unit
{% plural %}
  {{ n }} units, 100%
{% endblocktranslate %}
"""


@pytest.fixture
def sources(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one module and one template, and nothing translated."""
    room = tmp_path / "conventus"
    (room / "templates").mkdir(parents=True)
    (tmp_path / "config").mkdir()
    (room / "code.py").write_text(CODE, encoding="utf-8")
    (room / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path


def test_everything_that_is_said_is_collected(sources: Path) -> None:
    found = {(message.context, message.id) for message in translations.collect() if message.id}
    assert found == {
        (None, "kept"),
        (None, ("%(n)s day", "%(n)s days")),
        ("state", "open"),
        (None, "two parts"),
        (None, "It's “so”"),
        (None, "all"),
        (None, "Title"),
        ("door", "open"),
        (None, ("%(n)s unit", "%(n)s units, 100%%")),
    }


def test_merging_keeps_words_and_drops_what_is_no_longer_said(sources: Path) -> None:
    path = translations.catalogue_file("vi")
    path.parent.mkdir(parents=True)
    path.write_text(OLD, encoding="utf-8")
    translations.save("vi", translations.merged("vi"))
    text = path.read_text(encoding="utf-8")
    assert 'msgid "kept"\nmsgstr "giữ"' in text
    assert "gone" not in text
    assert "Date" not in text
    assert "#: conventus/code.py\n" in text
    translations.save("vi", translations.merged("vi"))
    assert path.read_text(encoding="utf-8") == text


def test_a_catalogue_is_compiled_when_it_has_changed(sources: Path) -> None:
    path = translations.catalogue_file("vi")
    path.parent.mkdir(parents=True)
    path.write_text(OLD, encoding="utf-8")
    assert translations.compile_stale() == [path.with_suffix(".mo")]
    assert translations.compile_stale() == []
    assert gettext.GNUTranslations(BytesIO(path.with_suffix(".mo").read_bytes())).gettext("kept") == "giữ"
    later = path.with_suffix(".mo").stat().st_mtime + 10
    os.utime(path, (later, later))
    assert translations.compile_stale() == [path.with_suffix(".mo")]
    assert [each.name for each in path.parent.iterdir() if each.suffix not in {".po", ".mo"}] == []


def test_only_other_languages_than_the_source_are_translated(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("vi", "Vietnamese"), ("de", "German")]
    assert translations.translated_languages() == ["vi", "de"]
