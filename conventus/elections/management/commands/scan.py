"""`conventus scan`: a stack of ballots read from files, from a folder that a scanner fills, or from a feeder."""

from __future__ import annotations

import json
import shutil
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventus.core.jobs import Cancelled, Progress
from conventus.core.models import User
from conventus.core.terminal import bar
from conventus.elections import actions, jobs, reads
from conventus.elections.models import Ballot, PaperForm, ScanBatch
from conventus.elections.scans import devices
from conventus.elections.scans.arrivals import in_order
from conventus.elections.scans.folder import Folder, arrived


class Command(BaseCommand):
    """Scan a stack of ballots."""

    help = (
        "Read a stack of ballots and take it into the count. Ctrl-C stops for now; --stack goes on. "
        "Files are moved into the stack, since the order of scans must not be kept anywhere; --copy leaves them."
    )

    feeder: _Feeder | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which ballot, in whose name, where the scans come from, when the stack is complete."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="scans: PDF, TIFF, JPEG, PNG")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--ballot", type=int, metavar="NUMBER", help="open a stack of this ballot (see its address)")
        which.add_argument("--stack", type=int, metavar="NUMBER", help="go on with this stack (see its address)")
        parser.add_argument("--as", dest="name", required=True, metavar="USER", help="the member who scans")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--folder", type=Path, metavar="DIR", help="read what lies in this folder, then end")
        source.add_argument("--watch", type=Path, metavar="DIR", help="read what a scanner writes into this folder")
        source.add_argument("--device", metavar="NAME", help="empty the feeder of this scanner (auto: the only one)")
        parser.add_argument("--paper", type=int, metavar="NUMBER", help="the paper, where the ballot has several")
        parser.add_argument("--label", default="", help="what is written on the stack")
        parser.add_argument("--expected", type=int, metavar="N", help="ballots in it, counted by hand")
        parser.add_argument("--idle", type=float, metavar="SECONDS", help="complete after so long without a new scan")
        parser.add_argument("--copy", action="store_true", help="leave the files where they are")
        parser.add_argument("--complete", action="store_true", help="nothing more will come: read what is there")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when the stack is taken in, 1 when something is in the way; what was read is kept."""
        actor = _member(options["name"])
        batch = _stack(options["stack"]) if options["stack"] else _opened(actor, options)
        jobs.START[batch.purpose](actor, batch)
        folder = Folder(batch.directory)
        self._fill(folder, options)
        with bar(f"Stack {batch}", show=not options["json"]) as step:
            try:
                self._read(actor, batch, step, options)
            except (KeyboardInterrupt, Cancelled) as fault:
                why = f"the scanner stopped ({self.feeder.fault})" if self.feeder and self.feeder.fault else "stopped"
                again = f"conventus scan --stack {batch.pk} --as {actor.username}"
                raise CommandError(f"{why}; what was read is kept. Go on with: {again}") from fault
        self._say(batch, options)

    def _fill(self, folder: Folder, options: dict[str, Any]) -> None:
        given = [*options["files"], *(in_order(list(arrived(options["folder"]))) if options["folder"] else [])]
        for path in given:
            if not path.is_file():
                raise CommandError(f"{path}: there is no such file")
            folder.take(_copied(path, folder) if options["copy"] else path, path.name)
        if given or options["folder"] or options["complete"]:
            folder.complete.touch()

    def _read(self, actor: User, batch: ScanBatch, step: Progress, options: dict[str, Any]) -> None:
        watched = [options["watch"]] if options["watch"] else []
        if watched and not watched[0].is_dir():
            raise CommandError(f"{watched[0]}: there is no such folder")
        self.feeder = _Feeder(batch, options["device"]) if options["device"] else None
        jobs.read_whole(actor, batch, step, watched, options["idle"])

    def _say(self, batch: ScanBatch, options: dict[str, Any]) -> None:
        stack = reads.stack_of(batch)
        found: dict[str, Any] = {
            "stack": batch.pk,
            "pages": batch.pages,
            "ballots": stack.papers,
            "for_people": stack.for_people,
        }
        found |= {"foreign": stack.foreign, "states": batch.states, "missing": stack.missing, "refused": batch.refused}
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(f"Stack {batch} is taken in: {stack.papers} papers, {stack.for_people} of them for people.")
        if stack.missing:
            self.stdout.write(f"  counted by hand: {batch.expected}; look for the difference before you close the scan")
        for name, reason in batch.refused:
            self.stderr.write(f"  {name}: {reason}")


class _Feeder:
    """A scanner that empties its feeder into the stack, which is complete when the feeder is empty."""

    def __init__(self, batch: ScanBatch, wanted: str) -> None:
        self.folder, self.fault = Folder(batch.directory), ""
        self.device, self.both_sides = _device(wanted), batch.form.pages > 1
        threading.Thread(target=self._feed, daemon=True).start()

    def _feed(self) -> None:
        try:
            devices.feed(self.device, self.folder.inbox, lambda _pages: None, both_sides=self.both_sides)
            self.folder.complete.touch()
        except devices.DeviceFault as fault:
            self.fault = str(fault)
            (self.folder.path / "pause").touch()


def _device(wanted: str) -> str:
    found = devices.devices()
    if wanted != "auto":
        return wanted
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise CommandError(f"choose a scanner with --device; found: {names}")
    return found[0].name


def _member(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"there is no account “{name}”")
    return user


def _stack(number: int) -> ScanBatch:
    batch = ScanBatch.objects.select_related("form__ballot").filter(pk=number).first()
    if batch is None:
        raise CommandError(f"there is no stack {number}")
    return batch


def _opened(actor: User, options: dict[str, Any]) -> ScanBatch:
    ballot = Ballot.objects.filter(pk=options["ballot"]).first()
    if ballot is None:
        raise CommandError(f"there is no ballot {options['ballot']}")
    paper = _paper(ballot, options["paper"])
    return actions.open_batch(actor, paper, label=options["label"], expected=options["expected"])


def _paper(ballot: Ballot, wanted: int | None) -> PaperForm:
    papers = {one.pk: one for one in reads.forms_to_scan(ballot)}
    if wanted in papers:
        return papers[wanted]
    if wanted is not None or len(papers) != 1:
        raise CommandError(f"choose the paper with --paper; this ballot has: {', '.join(map(str, papers)) or 'none'}")
    return next(iter(papers.values()))


def _copied(path: Path, folder: Folder) -> Path:
    draft = folder.inbox / f".{path.name}"
    shutil.copyfile(path, draft)
    return draft
