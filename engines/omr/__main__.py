"""Command line: `print` makes ballots, `deck` marked ones for a trial, `read` reads their scans."""

import argparse
import sys
from pathlib import Path

from engines.omr.deck import write_deck
from engines.omr.keeping import OutError
from engines.omr.run import Watch, read_scans
from engines.omr.spec import OmrError, load_spec
from engines.omr.typeset import print_ballots


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0: all went well, 1: something was refused (see standard error), 2: wrong usage or full disk."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except OmrError as error:
        print(f"omr: {error}", file=sys.stderr)
        return 2 if isinstance(error, OutError) else 1


def _print(options: argparse.Namespace) -> int:
    spec = load_spec(options.spec)
    layout = print_ballots(spec, options.out)
    print(f"{spec.copies} ballots of {layout.pages} pages, layout {layout.fingerprint}, in {options.out}")
    return 0


def _deck(options: argparse.Namespace) -> int:
    spec = load_spec(options.spec)
    layout = print_ballots(spec, options.out)
    count = write_deck(spec, layout, options.out)
    print(f"{count} marked sheets of {layout.pages} pages, layout {layout.fingerprint}, in {options.out}")
    return 0


def _read(options: argparse.Namespace) -> int:
    watch = Watch(options.until, options.idle, options.stop_file) if options.watch else None
    if watch == Watch():
        raise OmrError("--watch needs --until, --idle or --stop-file, so that it ends")
    done = read_scans(
        options.scans, options.layout, options.out, options.workers, options.progress, watch, options.keep
    )
    for name, reason in done.refused:
        print(f"omr: {name}: {reason}", file=sys.stderr)
    print(f"{done.pages} pages in {options.out / 'results.json'}, {len(done.refused)} refused")
    return 1 if done.refused else 0


def _workers(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("must be 1 to 64")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engines.omr", description=__doc__)
    commands = parser.add_subparsers(required=True)
    printing = commands.add_parser("print", help="make ballots.pdf and layout.json")
    printing.add_argument("spec", type=Path, metavar="SPEC.json")
    printing.add_argument("--out", type=Path, required=True, metavar="DIR")
    printing.set_defaults(run=_print)
    deck = commands.add_parser("deck", help="make deck.pdf, marked sheets, and answer.json, how they must be read")
    deck.add_argument("spec", type=Path, metavar="SPEC.json")
    deck.add_argument("--out", type=Path, required=True, metavar="DIR")
    deck.set_defaults(run=_deck)
    _add_read(commands.add_parser("read", help="read scans into results.json and crops/"))
    return parser


def _add_read(reading: argparse.ArgumentParser) -> None:
    reading.add_argument(
        "scans", type=Path, nargs="+", metavar="SCANS", help="PDF, TIFF, JPEG, PNG, or folders of them"
    )
    reading.add_argument("--layout", type=Path, required=True, metavar="layout.json")
    reading.add_argument("--out", type=Path, required=True, metavar="DIR", help="a run into the same DIR goes on there")
    reading.add_argument("--workers", type=_workers, default=1, metavar="N")
    reading.add_argument("--progress", action="store_true", help="a line per page on standard error")
    reading.add_argument("--keep", action="store_true", help="also write each whole page to pages/")
    reading.add_argument("--watch", action="store_true", help="keep looking for new files in the folders")
    reading.add_argument("--until", type=int, metavar="PAGES", help="with --watch: stop after so many pages")
    reading.add_argument("--idle", type=float, metavar="SECONDS", help="with --watch: stop when nothing came so long")
    reading.add_argument("--stop-file", type=Path, metavar="FILE", help="with --watch: stop once this file exists")
    reading.set_defaults(run=_read)


if __name__ == "__main__":
    sys.exit(main())
