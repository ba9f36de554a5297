"""A ballot to scan in an installation of its own, for tests that start and kill the real processes.

As a program: `build` makes the world, `ask FORM [STACK]` asks for a reading, `show STACK` says what has become of it.
Each answers with JSON; `CONVENTUS_VAR` and `CONVENTUS_DATABASE` say where.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django


def build() -> dict[str, Any]:
    """A ballot, issued and counted by scan and two entries, with its paper."""
    from tests.rooms.elections import conftest, scans

    found_unit, system = conftest.found_unit, conftest.system()
    house = conftest.found_organisation(system, None, key="vn", name="Sample", pack="vn-party-2024", language="vi")
    city = found_unit(system, None, organisation=house, code="D380", level="district", name="Thành phố mẫu")
    ward = found_unit(system, city, code="W1", level="base", kind="phường", name="Phường Đông Mẫu")
    cell = found_unit(system, ward, code="W1-1", level="cell", kind="chi bộ", name="Chi bộ 1")
    world = conftest._world({"city": city, "ward": ward, "cell": cell})
    ballot = scans.ballot_to_scan(world, issued=12)
    form = scans.form_for(ballot)
    return {"ballot": ballot.pk, "form": form.pk, "layout": form.layout}


def ask(form: str, stack: str = "") -> dict[str, Any]:
    """Ask for the reading of a new stack, or of this one once more."""
    from conventus.core.models import User
    from conventus.elections import actions, jobs
    from conventus.elections.models import PaperForm, ScanBatch

    one = User.objects.get(username="one")
    paper = PaperForm.objects.get(pk=form)
    batch = ScanBatch.objects.get(pk=stack) if stack else actions.open_batch(one, paper)
    job = jobs.ask_to_read(one, batch)
    return {"stack": batch.pk, "directory": str(batch.directory), "job": job.pk}


def show(stack: str) -> dict[str, Any]:
    """What has become of a stack and of its jobs."""
    from conventus.core.models import Job
    from conventus.elections.models import ScanBatch

    batch = ScanBatch.objects.get(pk=stack)
    jobs = Job.objects.filter(lock=f"scan:{stack}").order_by("pk").values_list("state", flat=True)
    keys = list(batch.sheets.values_list("key", flat=True))
    return {"state": batch.state, "pages": batch.pages, "sheets": len(keys), "keys": len(set(keys)), "jobs": list(jobs)}


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"build": build, "ask": ask, "show": show}[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
