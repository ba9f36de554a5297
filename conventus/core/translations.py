"""The interface's words: collected from code and templates, kept in .po files, compiled. Needs no gettext programs."""

from __future__ import annotations

import os
import re
from ast import literal_eval
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parent.parent.parent
SEARCHED = ("config", "conventus")
KEYWORDS = {
    **dict.fromkeys(("_", "N_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(npgettext|ngettext|pgettext|gettext|_)\((\s*{TEXT}(?:\s*,\s*{TEXT})*)")
LEFT_OUT = (
    *("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date"),
    *("Last-Translator", "Language-Team", "Generated-By"),
)
"""Headers that say nothing here, or change without a word having changed."""


def translated_languages() -> list[str]:
    """The languages that need a catalogue: all but the one that the source is written in."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalogue_file(language: str) -> Path:
    """Where the words of `language` are kept."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def collect() -> Catalog:
    """Every message of the code and the templates, with the files that say it."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract

    found = Catalog(charset="utf-8")
    for path in _sources():
        method: Any = "python" if path.suffix == ".py" else from_template
        for _, message, _, context in extract(method, BytesIO(path.read_bytes()), KEYWORDS):
            found.add(message, None, [(path.relative_to(ROOT).as_posix(), 0)], context=context)
    return found


def _sources() -> Iterator[Path]:
    for top in SEARCHED:
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts):
                yield path


def from_template(
    file: BytesIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, str | tuple[str, ...], list[str]]]:
    """Babel's extraction method for Django templates: (line, function, arguments, comments) of each message.

    Django turns a template into a row of gettext calls between blanked-out text; the calls are all that is read.
    """
    for call in CALL.finditer(templatize(file.read().decode("utf-8"))):
        words = tuple(literal_eval(text) for text in re.findall(TEXT, call[2]))
        yield 0, call[1], words if len(words) > 1 else words[0], []


def merged(language: str) -> Catalog:
    """The language's words, brought up to what is said now: new messages empty, those no longer said left out."""
    from babel.messages.pofile import read_po

    path = catalogue_file(language)
    text = path.read_bytes() if path.exists() else b""
    words = read_po(BytesIO(text), locale=language, domain="django", charset="utf-8")
    words.update(collect(), no_fuzzy_matching=True, update_header_comment=False)
    words.obsolete.clear()
    return words


def save(language: str, words: Catalog) -> None:
    """Write the language's .po file."""
    path = catalogue_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, _as_po(words))


def is_translated(message: Message) -> bool:
    """Whether the message has all its words, and nobody doubts them."""
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
    return all(forms) and not message.fuzzy


def _as_po(words: Catalog) -> bytes:
    from babel.messages.pofile import write_po

    words.header_comment = ""
    words.fuzzy = False
    out = BytesIO()
    write_po(out, words, width=120, sort_output=True, include_lineno=False)
    lines = out.getvalue().decode("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}:' for name in LEFT_OUT))]
    return ("\n".join(kept).strip() + "\n").encode("utf-8")


def compile_stale(languages: Iterable[str] | None = None) -> list[Path]:
    """Write the .mo file of each catalogue that has none, or an older one; gives those written."""
    chosen = translated_languages() if languages is None else languages
    sources = [path for path in map(catalogue_file, chosen) if path.exists()]
    return [_compile(path) for path in sources if _is_stale(path)]


def _is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path) -> Path:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    out = BytesIO()
    with source.open("rb") as file:
        write_mo(out, read_po(file, domain="django"))
    _replace(source.with_suffix(".mo"), out.getvalue())
    return source.with_suffix(".mo")


def _replace(path: Path, content: bytes) -> None:
    """Write in one step: test processes and servers that start together may do this at the same moment."""
    new = path.with_suffix(f".{os.getpid()}.new")
    new.write_bytes(content)
    new.replace(path)
