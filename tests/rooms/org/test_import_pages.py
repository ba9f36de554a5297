"""The import on the pages: upload, report, confirm, job, result; or thrown away."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventus.core.jobs import run_job
from conventus.core.models import Job, User
from conventus.org import uploads
from conventus.org.models import Person, Unit
from tests.rooms.org.house import House

SignedIn = Callable[[User], Client]
GOOD = "Mã;Cấp;Tên;Từ ngày\nW9;cơ sở;Xã Đông Khê;01/02/2020\nW1;cơ sở;Phường Đông Sơn;\n"
BAD = GOOD + "W8;hành tinh;Xã Ấm;\n"


def text(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]


def send(house: House, client: Client, content: str | bytes, kind: str = "units", **more: str) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    sent = {"file": SimpleUploadedFile("danh sách.csv", raw), "encoding": ""} | more
    return client.post(reverse("org:import", args=[house.city.pk, kind]), sent)


def token_of(answer: Any) -> str:
    return str(answer.headers["Location"]).rpartition("/")[2]


def confirm(client: Client, token: str, **sent: str) -> Job:
    """Confirm and let the worker do its part."""
    answer = client.post(reverse("org:import_confirm", args=[token]), sent)
    job = Job.objects.get(pk=str(answer.headers["Location"]).rpartition("/")[2])
    run_job.func(job.pk)
    job.refresh_from_db()
    return job


def test_from_the_upload_to_the_result(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    answer = send(house, client, GOOD)
    assert answer.status_code == 302
    token = token_of(answer)
    report = client.get(answer.headers["Location"])
    assert (report.context["report"].new, report.context["report"].changed) == (1, 1)
    page = text(report)
    assert "UTF-8" in page
    assert "semicolon" in page
    assert "<del>Phường Đông Ngàn</del> <ins>Phường Đông Sơn</ins>" in page
    assert not Unit.objects.filter(code="W9").exists()
    job = confirm(client, token)
    assert (job.state, job.result["new"], job.result["changed"]) == ("done", 1, 1)
    assert house.unit("W9").parent == house.city
    upload = uploads.upload_with(token)
    assert upload is not None
    assert not upload.content.exists()
    result = client.get(job.result["next"])
    assert result.context["counts"]["new"] == 1
    assert not result.context["has_rejects"]
    assert client.post(reverse("org:import_confirm", args=[token])).headers["Location"] == job.result["next"]
    assert Job.objects.count() == 1


def test_wrong_rows_are_shown_and_can_be_left_out(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    token = token_of(send(house, client, BAD))
    page = client.get(reverse("org:import_report", args=[token]))
    assert page.context["report"].rejected == 1
    assert "no level “hành tinh”" in text(page)
    assert "Import 3 rows" not in text(page)
    rejects = client.get(reverse("org:import_rejects", args=[token]))
    assert rejects.headers["Content-Disposition"].startswith("attachment")
    assert rejects.content.decode("utf-8-sig").splitlines()[1].endswith("W8,hành tinh,Xã Ấm,")
    refused = confirm(client, token)
    assert refused.state == "failed"
    assert not Unit.objects.filter(code="W9").exists()
    again = client.get(reverse("org:import_report", args=[token]))
    assert "1 of 3 rows are wrong" in text(again)
    done = confirm(client, token, skip_bad="1")
    assert (done.state, done.result["new"], done.result["rejected"]) == ("done", 1, 1)
    left_out = client.get(reverse("org:import_rejects", args=[token])).content.decode("utf-8-sig")
    assert "Xã Ấm" in left_out


def test_people_are_imported_on_the_page(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    rows = "Số thẻ,Họ và tên,Mã đơn vị,Loại đảng viên,Từ ngày\nM1,Đặng Thị Mẫu,L1,chính thức,01/02/2010\n"
    token = token_of(send(house, client, rows.encode("utf-16"), "people"))
    assert "UTF-16" in text(client.get(reverse("org:import_report", args=[token])))
    job = confirm(client, token)
    assert job.state == "done"
    assert Person.objects.get().name == "Đặng Thị Mẫu"
    assert "Đặng" not in str(job.result)
    assert "Đặng" not in str(job.arguments)


@pytest.mark.once
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 50, "no table"),
        ("mã,tên\nW9,Xã\n", "has no column level"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(
    house: House, as_: SignedIn, content: str | bytes, words: str
) -> None:
    answer = send(house, as_(house.admin), content)
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors["file"])


@pytest.mark.once
def test_a_file_that_is_too_large(house: House, as_: SignedIn, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 10
    answer = send(house, as_(house.admin), GOOD)
    assert answer.status_code == 422
    assert "file" in answer.context["form"].errors


def test_a_file_that_brings_nothing_new_says_so(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    token = token_of(send(house, client, "code,level,name\nW1,base,Phường Đông Ngàn\n"))
    page = text(client.get(reverse("org:import_report", args=[token])))
    assert "Everything in the file is here already." in page
    assert reverse("org:import_confirm", args=[token]) not in page


def test_an_upload_is_thrown_away(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    token = token_of(send(house, client, GOOD))
    answer = client.post(reverse("org:import_discard", args=[token]))
    assert answer.headers["Location"] == reverse("org:unit", args=[house.city.pk])
    assert client.get(reverse("org:import_report", args=[token])).status_code == 404


@pytest.mark.once
def test_forgotten_uploads_are_removed(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    old = uploads.upload_with(token_of(send(house, client, GOOD)))
    assert old is not None
    long_ago = time.time() - (uploads.DAYS + 1) * 86_400
    for path in old.content.parent.glob(f"{old.token}.*"):
        os.utime(path, (long_ago, long_ago))
    send(house, client, GOOD)
    assert uploads.upload_with(old.token) is None
    assert not old.content.exists()


@pytest.mark.once
def test_an_upload_is_private_on_the_disk(house: House, as_: SignedIn) -> None:
    upload = uploads.upload_with(token_of(send(house, as_(house.admin), GOOD)))
    assert upload is not None
    assert upload.content.stat().st_mode & 0o077 == 0
    assert upload.content.parent.stat().st_mode & 0o077 == 0


def test_the_job_refuses_what_is_gone_or_somebody_elses(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    token = token_of(send(house, client, GOOD))
    upload = uploads.upload_with(token)
    assert upload is not None
    upload.content.unlink()
    assert client.get(reverse("org:import_report", args=[token])).status_code == 404
    job = Job.objects.create(kind="org.import", user=house.below, arguments={"token": token, "skip_bad": False})
    run_job.func(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.result["refusals"][0]["code"] == "org.upload_gone"


def test_who_has_lost_the_right_meanwhile_imports_nothing(house: House, as_: SignedIn) -> None:
    client = as_(house.admin)
    token = token_of(send(house, client, GOOD))
    house.admin.grants.update(valid_to="2025-02-01")
    job = Job.objects.create(kind="org.import", user=house.admin, arguments={"token": token, "skip_bad": False})
    run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["refusals"][0]["code"]) == ("failed", "core.not_permitted")
    assert not Unit.objects.filter(code="W9").exists()
