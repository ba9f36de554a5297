"""`python -m verifier BUNDLE`: 0 when everything fits, 1 with a sentence for each fault, 2 when asked wrongly."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from verifier.check import Report, verify

SHOWN = 40


def main(words: list[str] | None = None) -> int:
    """Check the bundle that the command line names."""
    given = _parser().parse_args(words)
    try:
        passphrase = given.passphrase_file.read_text("utf-8").rstrip("\r\n") if given.passphrase_file else ""
        identity = given.identity.read_text("ascii") if given.identity else ""
    except (OSError, UnicodeDecodeError) as fault:
        print(f"The passphrase or key cannot be read: {fault}", file=sys.stderr)
        return 2
    report = verify(given.bundle, passphrase=passphrase, identity=identity, sealed=given.sealed)
    _say(report, given.json, bool(given.sealed))
    return 0 if report.good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "verifier", description="Check a sealed evidence bundle of a ballot (docs/verify.md)."
    )
    parser.add_argument("bundle", type=Path, help="BUNDLE.age, or the ZIP in it")
    parser.add_argument("--passphrase-file", type=Path, help="a file whose first line is the passphrase")
    parser.add_argument("--identity", type=Path, help="a key file of age; one under a passphrase needs that too")
    parser.add_argument("--sealed", default="", help="the SHA-256 that the counting record prints")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    return parser


def _say(report: Report, as_json: bool, compared: bool) -> None:
    if as_json:
        told = {"good": report.good, "faults": report.faults, "manifest": report.manifest, "summary": report.summary}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if report.good:
        _say_good(report, compared)
    for fault in report.faults[:SHOWN]:
        print(fault)
    if len(report.faults) > SHOWN:
        print(f"… and {len(report.faults) - SHOWN} more.")


def _say_good(report: Report, compared: bool) -> None:
    found = report.summary
    print(f"{found['contest']}, {found['unit']}, ballot {found['round']}: everything fits.")
    print(f"{found['sheets']} sheets, {found['adjudicated']} ruled on by members; paths: {', '.join(found['paths'])}")
    print(f"collected {found['collected']}, valid {found['valid']}, invalid {found['invalid']}")
    for name, votes in found["votes"].items():
        print(f"  {votes:>6}  {name}{'  (elected)' if name in found['elected'] else ''}")
    print(f"SHA-256 of manifest.json: {report.manifest}")
    if not compared:
        print("Compare it with the one in the counting record, or give that with --sealed: only this shows that the")
        print("whole bundle is the one that was sealed.")


if __name__ == "__main__":
    sys.exit(main())
