"""`conventus import units|people FILE`: judge a file, report, and bring it in as a whole or not at all."""  # noqa: N999

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from conventus.core import packs
from conventus.core.accounts import system_account
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.core.terminal import bar
from conventus.core.words import each, refusal_words
from conventus.org import actions
from conventus.org.imports.columns import KINDS
from conventus.org.imports.files import ENCODINGS, Sheet, read_path
from conventus.org.imports.report import ImportRefused, Reject, Report, rejects_csv
from conventus.org.models import Organisation, Unit
from conventus.org.reads import unit_coded
from conventus.org.rules import level_named

refusal_texts(
    "imports",
    {
        "no_place": N_("The rejected rows cannot be written to “%(name)s”. Name another file in a folder that exists."),
        "none_yet": N_("There is no organisation yet. Import its units first: conventus import units FILE."),
        "which_one": N_("There are several organisations (%(known)s). Name one: --organisation KEY."),
        "not_that_one": N_(
            "There is no organisation “%(key)s”, but %(known)s. Found it with --name “…”, if it is new."
        ),
        "no_such_unit": N_("There is no unit “%(unit)s” in “%(organisation)s”. Correct --under."),
        "other_pack": N_("“%(organisation)s” lives by the rule pack “%(pack)s”. Leave out --pack."),
        "no_fitting_pack": N_("No rule pack has all levels of this file (%(levels)s). Name one: --pack KEY."),
    },
)

SHOWN = 20
"""How many rejected rows are printed; a file of them has all."""


class Command(BaseCommand):
    """Bring units or people in from a file."""

    help = "Import units or people from a CSV, XLSX or ODS file. Nothing is written while a row is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What, the file, and how."""
        parser.add_argument("what", choices=sorted(KINDS, reverse=True))
        parser.add_argument("file", type=Path, help="a CSV, XLSX or ODS file with a row of headings")
        parser.add_argument("--dry-run", action="store_true", help="judge and report only; write nothing")
        parser.add_argument(
            "--skip-bad", action="store_true", help="leave out the rows that are wrong, import the rest"
        )
        parser.add_argument(
            "--under", metavar="CODE", default="", help="the unit below which rows without a superior lie"
        )
        parser.add_argument(
            "--organisation", metavar="KEY", default="", help="which organisation, if there are several"
        )
        parser.add_argument("--name", default="", help="the name of an organisation that this import founds")
        parser.add_argument("--pack", metavar="KEY", default="", help="the rule pack of an organisation that it founds")
        parser.add_argument("--encoding", choices=ENCODINGS, default="", help="the text encoding (default: found)")
        parser.add_argument(
            "--rejects", metavar="OUT.csv", type=Path, help="write the rejected rows with their reasons"
        )
        parser.add_argument("--sample", action="store_true", help="mark what is brought in as sample data")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when everything that was asked for is done, else 1."""
        started = time.monotonic()
        try:
            _check_out(options["rejects"], options["file"])
            report, fault = self._import(options)
        except Refusal as refusal:
            self._print_fault(refusal, options)
            raise
        if options["rejects"]:
            options["rejects"].write_text(rejects_csv(report), encoding="utf-8", newline="")
        self._print(report, fault, options, time.monotonic() - started)
        if fault:
            raise fault

    def _import(self, options: dict[str, Any]) -> tuple[Report, Refusal | None]:
        sheet = read_path(options["file"], KINDS[options["what"]], options["encoding"])
        try:
            with transaction.atomic(), bar("Rows", len(sheet.rows), show=not options["json"]) as step:
                report = _bring_in(sheet, options, step)
                transaction.set_rollback(options["dry_run"])
        except ImportRefused as refused:
            return refused.report, refused
        report.written = not options["dry_run"]
        return report, None

    def _print_fault(self, refusal: Refusal, options: dict[str, Any]) -> None:
        if options["json"]:
            words = [refusal_words(one) for one in each(refusal)]
            self.stdout.write(json.dumps({"ok": False, "error": " ".join(words)}, ensure_ascii=False))

    def _print(self, report: Report, fault: Refusal | None, options: dict[str, Any], seconds: float) -> None:
        if options["json"]:
            result = {
                "ok": fault is None,
                "dry_run": options["dry_run"],
                **report.as_json(),
                "seconds": round(seconds, 3),
            }
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        self.stdout.write(_summary(report))
        for reject in report.rejects[:SHOWN]:
            self.stdout.write(_line(reject))
        if len(report.rejects) > SHOWN:
            self.stdout.write(f"  … and {len(report.rejects) - SHOWN} more; --rejects OUT.csv writes all of them.")
        if not fault:
            self.stdout.write(_outcome(report, options, seconds))


def _check_out(out: Path | None, file: Path) -> None:
    """Say before anything happens that the rejected rows could not be written, or would overwrite the file itself."""
    if out and (out.is_dir() or not out.absolute().parent.is_dir() or out.resolve() == file.resolve()):
        raise Refusal("imports.no_place", name=str(out))


def _bring_in(sheet: Sheet, options: dict[str, Any], step: Any) -> Report:
    place = _place(sheet, options)
    verb = actions.import_units if options["what"] == "units" else actions.import_people
    how = {"skip_bad": options["skip_bad"], "sample": options["sample"], "progress": step}
    return verb(system_account("cli"), place, sheet=sheet, **how)


# Where to ---------------------------------------------------------------------------------------------------------


def _place(sheet: Sheet, options: dict[str, Any]) -> Unit | Organisation:
    organisation = _organisation(options) or _founded(sheet, options)
    if options["pack"] and options["pack"] != organisation.pack:
        raise Refusal("imports.other_pack", organisation=organisation.name, pack=organisation.pack)
    if not options["under"]:
        return organisation
    unit = unit_coded(organisation, options["under"])
    if unit is None:
        raise Refusal("imports.no_such_unit", unit=options["under"], organisation=organisation.name)
    return unit


def _organisation(options: dict[str, Any]) -> Organisation | None:
    """The organisation that is meant; None when it is to be founded."""
    known = {row.key: row for row in Organisation.objects.all()}
    key = options["organisation"]
    if key in known or (not key and len(known) == 1 and not options["name"]):
        return known[key] if key else next(iter(known.values()))
    if options["what"] == "people" and not known:
        raise Refusal("imports.none_yet")
    if known and not options["name"]:
        raise Refusal("imports.not_that_one" if key else "imports.which_one", key=key, known=", ".join(known))
    return None


def _founded(sheet: Sheet, options: dict[str, Any]) -> Organisation:
    pack = packs.load(options["pack"] or _fitting_pack(sheet))
    return actions.found_organisation(
        system_account("cli"),
        None,
        key=options["organisation"] or pack.key,
        name=options["name"] or pack.term("organisation.name", pack.core.languages[0]),
        pack=pack.key,
        language=pack.core.languages[0],
    )


def _fitting_pack(sheet: Sheet) -> str:
    """The first rule pack that knows every level of the file."""
    levels = {row.cells.get("level", "").strip() for row in sheet.rows} - {""}
    for key in packs.known():
        if all(_knows(packs.load(key), level) for level in levels):
            return key
    raise Refusal("imports.no_fitting_pack", levels=", ".join(sorted(levels))[:200])


def _knows(pack: packs.Pack, level: str) -> bool:
    try:
        level_named(level, pack.core.levels)
    except Refusal:
        return False
    return True


# Words ------------------------------------------------------------------------------------------------------------


def _summary(report: Report) -> str:
    sheet = report.sheet
    how = ", ".join(
        word for word in (sheet.format, sheet.encoding, sheet.delimiter and f"delimiter {sheet.delimiter!r}") if word
    )
    counts = f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged, {report.rejected} rejected"
    unknown = f"\n  columns that mean nothing here: {', '.join(sheet.unknown)}" if sheet.unknown else ""
    return f"{sheet.name} ({how}): {report.rows} rows: {counts}{unknown}"


def _line(reject: Reject) -> str:
    cell = f", {reject.column} “{reject.value}”" if reject.column else ""
    return f"  row {reject.row.number}{cell}: {reject.reason}"


def _outcome(report: Report, options: dict[str, Any], seconds: float) -> str:
    what = "Nothing was written: this was a dry run" if options["dry_run"] else "Imported"
    return f"{what} ({seconds:.1f} s)."
