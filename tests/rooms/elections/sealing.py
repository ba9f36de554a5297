"""Evidence sealed for tests: a whole count of scanned ballots, declared, sealed to a key by the job's own work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.conf import settings

from conventus.core.models import Job
from conventus.elections import actions, jobs
from conventus.elections.models import Ballot, CountEntry, Evidence
from verifier import verify

from .conftest import World
from .scans import Scanned

FOLDER = Path(settings.VAR) / "evidence"


def ruled(scanned: Scanned) -> None:
    """Two members rule on the two ballots in doubt."""
    names = [str(one.pk) for one in scanned.ballot.names()]
    marks = dict(zip(names, ("chosen", "chosen", "rejected", "rejected"), strict=True))
    for who in ("one", "two"):
        user = scanned.world.people[who]
        actions.adjudicate(user, scanned.sheet("?"), ruling="valid", marks=marks)
        actions.adjudicate(user, scanned.sheet("1111"), ruling="invalid", ground="too_many")


def declared(scanned: Scanned) -> Ballot:
    """The whole count by three ways, declared."""
    world, ballot = scanned.world, scanned.ballot
    ruled(scanned)
    ballot.refresh_from_db()
    actions.close_scan(world.people["head"], ballot)
    votes = CountEntry.objects.get(ballot=ballot, slot="scan").figures["votes"]
    world.declared(ballot, list(votes.values()), collected=6, invalid=1)
    ballot.refresh_from_db()
    return ballot


@dataclass
class Locked:
    """A ballot whose evidence is sealed to a key, and that key."""

    world: World
    ballot: Ballot
    evidence: Evidence
    identity: str


def sealed_by_job(world: World, ballot: Ballot, **lock: Any) -> Job:
    """Ask for the sealing and do the job's work."""
    job = jobs.ask_to_seal(world.people["head"], ballot, **lock)
    jobs.seal_evidence(world.people["head"], lambda *_: None, **job.arguments)
    return job


@pytest.fixture
def locked(scanned: Scanned) -> Locked:
    ballot = declared(scanned)
    identity = pyrage.x25519.Identity.generate()
    sealed_by_job(scanned.world, ballot, recipients=[str(identity.to_public())])
    return Locked(scanned.world, ballot, Evidence.objects.get(ballot=ballot), str(identity))


@pytest.fixture(autouse=True)
def clean_folder() -> Iterator[None]:
    yield
    for path in FOLDER.glob("*"):
        path.unlink()


def verified(world: World, ballot: Ballot) -> Any:
    """Seal the evidence and let the verifier check it."""
    identity = pyrage.x25519.Identity.generate()
    sealed_by_job(world, ballot, recipients=[str(identity.to_public())])
    found = Evidence.objects.get(ballot=ballot)
    return verify(found.path, identity=str(identity), sealed=found.sha256)


def key() -> str:
    return str(pyrage.x25519.Identity.generate().to_public())
