"""The pages of the scan: stacks opened, filled by upload, watched, completed, made void; everything without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from conventus.core.jobs import Cancelled, silent
from conventus.core.models import Job
from conventus.core.rules import Refusal
from conventus.elections import actions, jobs, reads
from conventus.elections.models import PaperForm, ScanBatch
from conventus.elections.scans import reading
from conventus.elections.scans.folder import Folder

from .conftest import World
from .scans import MIXED, Scanned, ballot_to_scan, form_for, scanned, write_scans
from .test_scanning import settle

__all__ = ["scanned"]


@pytest.fixture
def paper(world: World) -> PaperForm:
    """The paper of a ballot that is to be scanned."""
    return form_for(ballot_to_scan(world))


def opened(client: Client, paper: PaperForm, **fields: Any) -> ScanBatch:
    """A stack opened on the page, whose reading waits in the queue."""
    answer = client.post(reverse("elections:open_stack", args=[paper.pk]), fields)
    assert answer.status_code == 302, answer.content.decode()
    return ScanBatch.objects.latest("pk")


def at(name: str, batch: ScanBatch) -> str:
    return reverse(f"elections:{name}", args=[batch.pk])


def files(folder: Path, paper: PaperForm, marks: tuple[str, ...], first: int = 0) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(one.name, one.read_bytes()) for one in write_scans(folder, paper, marks, first)]


def work_off(batch: ScanBatch) -> dict[str, Any]:
    """Do the work of the stack's last reading in this process, with the engine in its own."""
    job = Job.objects.filter(lock=f"scan:{batch.pk}").first()
    assert job is not None
    return jobs.read_batch(job.user, silent, **job.arguments)


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_from_the_empty_page_to_the_closed_count(
    world: World, paper: PaperForm, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """One stack: opened, uploaded, completed, read by the engine as a process, taken in, judged, closed."""
    one = world.client("one")
    scan_page = reverse("elections:scan", args=[paper.ballot_id])
    empty = words(one.get(scan_page))
    assert "Nothing is scanned yet" in empty
    assert "200 dpi" in empty
    assert "Mix the ballots" in empty
    batch = opened(one, paper, expected="6", label="Bó 1")
    assert (batch.state, batch.expected) == ("reading", 6)
    page = words(one.get(at("stack", batch)))
    assert str(batch.directory / "inbox") in page
    assert 'capture="environment"' in page
    assert "Waiting for the first ballot" in page
    one.post(at("upload_scans", batch), {"files": files(tmp_path / "a", paper, MIXED)})
    again = one.post(at("upload_scans", batch), {"files": files(tmp_path / "b", paper, MIXED[:2])}, follow=True)
    assert "2 files were there already." in words(again)
    one.post(at("complete_stack", batch))
    assert "The stack is complete" in words(one.get(at("stack", batch), headers={"HX-Request": "true"}))
    with django_capture_on_commit_callbacks(execute=True):
        result = work_off(batch)
    assert result == {"pages": 6, "ballots": 6, "refused": 0, "next": at("stack", batch)}
    done = words(one.get(at("stack", batch)))
    assert "As many ballots were found as were counted by hand" in done
    ballot = batch.form.ballot
    assert ballot is not None
    refused = one.post(reverse("elections:close_scan", args=[ballot.pk]))
    assert refused.status_code == 422
    assert "2 ballots wait for the board" in words(refused)
    batch.refresh_from_db()
    settle(Scanned(world, ballot, paper, batch))
    closed = one.post(reverse("elections:close_scan", args=[ballot.pk]), follow=True)
    assert "The count by scan is closed" in words(closed)
    assert ballot.entries.get().slot == "scan"
    assert "New stack" not in words(one.get(scan_page))


def test_a_stack_says_what_differs_from_the_hand_count(scanned: Scanned) -> None:
    one = scanned.world.client("one")
    for expected, said in ((7, "1 ballot is missing."), (4, "2 ballots too many.")):
        ScanBatch.objects.filter(pk=scanned.batch.pk).update(expected=expected)
        assert said in words(one.get(at("stack", scanned.batch)))
    listed = words(one.get(reverse("elections:scan", args=[scanned.ballot.pk])))
    assert "+2" in listed


def test_an_unusable_number_is_refused_at_its_field(world: World, paper: PaperForm) -> None:
    answer = world.client("one").post(reverse("elections:open_stack", args=[paper.pk]), {"expected": "0"})
    assert answer.status_code == 422
    assert "A stack cannot hold 0 ballots" in words(answer)
    assert not ScanBatch.objects.exists()


def test_pages_are_for_the_board_alone(
    world: World, paper: PaperForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(tmp_path))  # No scanner is looked for in the network.
    batch = opened(world.client("one"), paper)
    pages = [reverse("elections:scan", args=[paper.ballot_id]), reverse("elections:open_stack", args=[paper.pk])]
    pages += [at(name, batch) for name in ("stack", "void_stack", "feed_stack")]
    for who in ("organiser", "admin", "auditor", "viewer", "spare", "neighbour_head", "stranger"):
        client = world.client(who)
        assert [client.get(page).status_code for page in pages] == [404] * len(pages), who
        for name in ("read_stack", "upload_scans", "complete_stack", "pause_stack", "move_late", "void_stack"):
            assert client.post(at(name, batch)).status_code == 404, (who, name)
    assert [world.client("two").get(page).status_code for page in pages] == [200] * len(pages)


def test_a_form_without_its_token_is_refused(world: World, paper: PaperForm) -> None:
    batch = opened(world.client("one"), paper)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.people["one"])
    answer = strict.post(at("upload_scans", batch), {"files": SimpleUploadedFile("a.jpg", b"x")})
    assert answer.status_code == 403
    assert Folder(batch.directory).waiting() == []


def test_an_upload_that_is_too_large_is_refused_with_words(
    world: World, paper: PaperForm, settings: Any, tmp_path: Path
) -> None:
    batch = opened(world.client("one"), paper)
    settings.SCANS_LIMIT = 1024 * 1024 * 1024
    answer = world.client("one").post(at("upload_scans", batch), b"", content_type="multipart/form-data; boundary=x",
                                      CONTENT_LENGTH=str(5 * 1024 * 1024 * 1024))  # fmt: skip
    assert answer.status_code == 422
    assert "more than 1 GB" in words(answer)
    settings.SCANS_LIMIT = 10**18
    answer = world.client("one").post(at("upload_scans", batch), b"", content_type="multipart/form-data; boundary=x",
                                      CONTENT_LENGTH=str(10**16))  # fmt: skip
    assert answer.status_code == 422
    assert "The disk has no room" in words(answer)


def test_nothing_chosen_is_said(world: World, paper: PaperForm) -> None:
    batch = opened(world.client("one"), paper)
    assert "Choose the files first" in words(world.client("one").post(at("upload_scans", batch), follow=True))


def test_a_reading_that_was_interrupted_goes_on_where_it_was(world: World, paper: PaperForm) -> None:
    one = world.client("one")
    batch = opened(one, paper)
    job = Job.objects.get()
    Job.objects.update(state="failed", result={"refusals": [{
        "code": "elections.disk_full", "field": "", "params": {"fault": "No space left"}, "document": "", "article": "",
    }]})  # fmt: skip
    page = words(one.get(at("stack", batch)))
    assert "The reading has stopped" in page
    assert "no page that was read is lost" in page
    one.post(at("read_stack", batch))
    assert Job.objects.count() == 2
    assert Job.objects.exclude(pk=job.pk).get().arguments == job.arguments
    one.post(at("read_stack", batch))
    assert Job.objects.count() == 2, "it is waiting already"


def test_a_pause_ends_the_reading_and_loses_nothing(world: World, paper: PaperForm) -> None:
    batch = opened(world.client("one"), paper)
    folder = Folder(batch.directory)
    write_scans(folder.inbox, paper, MIXED[:1])

    def pause_it(*_: object) -> None:
        if reading.progress_of(folder)["pages"]:
            reading.pause(folder).touch()

    with pytest.raises(Cancelled):
        jobs.read_batch(world.people["one"], pause_it, batch=batch.pk)
    assert not reading.is_read(folder)
    assert [path.name.endswith("scan-000.jpg") for path in folder.waiting()] == [True]
    world.client("one").post(at("complete_stack", batch))
    work_off(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.pages) == ("read", 1)


def test_only_one_reads_a_stack(world: World, paper: PaperForm) -> None:
    batch = opened(world.client("one"), paper)
    with reading._holding(Folder(batch.directory)):
        assert reading.is_read(Folder(batch.directory))
        with pytest.raises(Refusal) as found:
            jobs.read_batch(world.people["two"], silent, batch=batch.pk)
    assert found.value.code == "elections.stack_is_read"


def test_void_by_page_with_its_reason(world: World, paper: PaperForm) -> None:
    one = world.client("one")
    batch = opened(one, paper)
    assert one.post(at("void_stack", batch), {"reason": ""}).status_code == 422
    answer = one.post(at("void_stack", batch), {"reason": "Kẹt giấy, quét lại"}, follow=True)
    assert "The stack is void" in words(answer)
    assert "Kẹt giấy, quét lại" in words(one.get(at("stack", batch)))
    for name in ("read_stack", "upload_scans", "complete_stack", "pause_stack"):
        closed = one.post(at(name, batch))
        assert closed.status_code == 422
        assert "takes no more scans" in words(closed)


def test_late_files_go_into_a_new_stack(scanned: Scanned) -> None:
    one = scanned.world.client("one")
    refused = one.post(at("move_late", scanned.batch))
    assert refused.status_code == 422
    write_scans(scanned.batch.directory / "inbox", scanned.form, MIXED[:2], first=60)
    assert "2 files lie in its folder." in words(one.get(at("stack", scanned.batch)))
    one.post(at("move_late", scanned.batch))
    fresh = ScanBatch.objects.latest("number")
    assert len(Folder(fresh.directory).waiting()) == 2
    assert not (scanned.batch.directory / "inbox").exists()
    assert reads.stack_of(scanned.batch).late == 0
    one.post(at("complete_stack", fresh))
    work_off(fresh)
    assert fresh.sheets.count() == 2


def test_refused_files_are_listed_with_what_to_do(world: World, paper: PaperForm) -> None:
    batch = opened(world.client("one"), paper)
    refused = [["a.zip", "is an archive: unpack it and give the folder"], ["b.pdf", "is something new"]]
    ScanBatch.objects.filter(pk=batch.pk).update(state="read", refused=refused)
    page = words(world.client("one").get(at("stack", batch)))
    assert "a.zip" in page
    assert "Unpack it" in page
    assert "is something new" in page


def test_the_organiser_scans_a_trial_on_the_same_pages(
    world: World, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    form = form_for(ballot_to_scan(world), election="trial")
    form.ballot = None
    form.save()
    client = world.client("organiser")
    batch = opened(client, form)
    assert batch.purpose == "trial"
    client.post(at("upload_scans", batch), {"files": files(tmp_path, form, MIXED[:2])})
    client.post(at("complete_stack", batch))
    with django_capture_on_commit_callbacks(execute=True):
        work_off(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.sheets.count()) == ("read", 2)
    assert client.get(reverse("elections:sheet_picture", args=[batch.sheets.first().pk, 0])).status_code == 200  # type: ignore[union-attr]
    assert client.get(at("stack", batch)).status_code == 200


def test_a_scanner_has_a_folder_of_its_own(world: World, paper: PaperForm, settings: Any, tmp_path: Path) -> None:
    """What lies in the folder is moved to the stack that draws from it; the next stack takes what comes later."""
    settings.SCANNERS = tmp_path
    target = tmp_path / "copier-2nd-floor"
    target.mkdir()
    one = world.client("one")
    assert "copier-2nd-floor" in words(one.get(reverse("elections:open_stack", args=[paper.pk])))
    batch = opened(one, paper, source="copier-2nd-floor")
    assert str(target) in words(one.get(at("stack", batch)))
    write_scans(target, paper, MIXED[:2])
    one.post(at("complete_stack", batch))
    work_off(batch)
    assert batch.sheets.count() == 2
    assert list(target.iterdir()) == []
    elsewhere = one.post(reverse("elections:open_stack", args=[paper.pk]), {"source": "../../etc"})
    assert elsewhere.status_code == 422


def test_the_desk_says_what_the_scan_takes(scanned: Scanned) -> None:
    def kinds() -> list[str]:
        today = scanned.ballot.contest.day
        return [
            one.title for one in reads.desk_items(scanned.world.people["one"], today) if one.kind == "elections.scan"
        ]

    assert kinds() == []
    second = actions.open_batch(scanned.world.people["one"], scanned.form)
    assert kinds() == ["Complete the stacks that are being scanned"]
    actions.void_batch(scanned.world.people["one"], second, reason="x")
    settle(scanned)
    assert kinds() == ["Close the count by scan, when all ballots are scanned"]
    actions.void_batch(scanned.world.people["head"], scanned.batch, reason="x")
    assert kinds() == ["Scan the ballots"]


def test_the_ballot_leads_to_its_scan(scanned: Scanned) -> None:
    page = words(scanned.world.client("one").get(reverse("elections:ballot", args=[scanned.ballot.pk])))
    assert reverse("elections:scan", args=[scanned.ballot.pk]) in page
