"""Files of documents: what is taken, and how it leaves."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conventus.core import files
from conventus.core.models import StoredFile
from conventus.core.rules import Refusal
from conventus.directives import actions
from conventus.directives.models import Document

from .makers import World, register
from .test_documents import change, refusals_of


def archive(**parts: str) -> bytes:
    """A ZIP file with these parts; `__` in a name stands for a stroke, `_dot_` for a dot."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return content.getvalue()


def office(part: str, **more: str) -> bytes:
    content = io.BytesIO(archive(**more))
    with zipfile.ZipFile(content, "a") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(part, "<x/>")
    return content.getvalue()


ODT = archive(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<x/>")
GOOD = {
    "a.pdf": b"%PDF-1.7\n",
    "a.docx": office("word/document.xml"),
    "a.xlsx": office("xl/workbook.xml"),
    "a.odt": ODT,
    "a.PNG": b"\x89PNG\r\n\x1a\n....",
    "a.jpg": b"\xff\xd8\xff\xe0....",
    "a.jpeg": b"\xff\xd8\xff\xe1....",
}


@pytest.mark.parametrize("name", GOOD)
def test_these_kinds_are_taken(name: str) -> None:
    assert files.check(SimpleUploadedFile(name, GOOD[name]), name).media_type


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "files.empty"),
        ("a.pdf", b"<html>", "files.not_what_it_says"),
        ("a.exe", b"MZ", "files.kind_unknown"),
        ("a", b"%PDF-1.7", "files.kind_unknown"),
        ("a.svg", b"<svg/>", "files.kind_unknown"),
        ("a.docx", GOOD["a.xlsx"], "files.not_what_it_says"),
        ("a.docx", b"PK\x03\x04 broken", "files.not_what_it_says"),
        ("a.odt", GOOD["a.docx"], "files.not_what_it_says"),
        ("a.png", GOOD["a.jpg"], "files.not_what_it_says"),
        ("a.docx", office("word/document.xml", word__vbaProject_dot_bin="x"), "files.macros"),
    ],
)
def test_others_are_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        files.check(SimpleUploadedFile(name, content), name)
    assert (caught.value.code, caught.value.field) == (code, "file")
    assert name in str(caught.value)


def test_a_file_over_the_limit_is_refused(settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    with pytest.raises(Refusal, match=r"has 1\.5 MB; 1 MB are allowed"):
        files.check(SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * 3 * 512 * 1024), "a.pdf")


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("..\\..\\Kế hoạch 268.pdf", "Kế hoạch 268.pdf"),
        ("/etc/passwd", "passwd"),
        ('a"b<c>\n.pdf', "abc.pdf"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_are_made_harmless(name: str, clean: str) -> None:
    assert files.clean_name(name) == clean


def with_file(world: World, name: str = "Kế hoạch.pdf", content: bytes = b"%PDF-1.7 x") -> Document:
    return register(world, "organiser", world.city, file=SimpleUploadedFile(name, content))


def test_a_file_is_kept_with_its_hash_and_leaves_as_an_attachment(world: World) -> None:
    plan = with_file(world)
    assert plan.file is not None
    assert (plan.file.sha256, plan.file.size) == (sha256(b"%PDF-1.7 x").hexdigest(), 10)
    answer = world.client("viewer").get(f"/documents/{plan.pk}/file")
    assert answer.content == b"%PDF-1.7 x"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_refused_file_leaves_no_document(world: World) -> None:
    assert refusals_of(lambda: with_file(world, content=b"no")) == {"not_what_it_says": "file"}
    assert not StoredFile.objects.exists()
    assert not Document.objects.filter(unit=world.city).exists()


def test_an_altered_or_lost_file_is_not_handed_out(world: World) -> None:
    stored = with_file(world).file
    assert stored is not None
    with stored.content.open("r+b") as content:
        content.write(b"%PDF-1.6")
    with pytest.raises(Refusal, match="was altered"):
        files.serve(stored)
    stored.content.delete(save=False)
    stored = StoredFile.objects.get(pk=stored.pk)
    with pytest.raises(Refusal, match="no longer in the store"):
        files.serve(stored)


def test_the_file_is_seen_by_those_who_see_the_document(world: World) -> None:
    plan = with_file(world)
    address = f"/documents/{plan.pk}/file"
    codes = {
        name: world.client(name).get(address).status_code for name in ("province", "ward", "neighbour", "stranger")
    }
    assert codes == {"province": 200, "ward": 404, "neighbour": 404, "stranger": 404}
    actions.put_in_force(world.people["organiser"], plan)
    assert world.client("ward").get(address).status_code == 200


def test_a_file_is_exchanged_and_removed(world: World) -> None:
    plan = with_file(world)
    change(world, plan, file=SimpleUploadedFile("b.png", GOOD["a.PNG"]))
    plan = Document.objects.get(pk=plan.pk)
    assert plan.file is not None
    assert plan.file.name == "b.png"
    change(world, plan, remove_file=True)
    assert Document.objects.get(pk=plan.pk).file_id is None
    assert world.client("organiser").get(f"/documents/{plan.pk}/file").status_code == 404
