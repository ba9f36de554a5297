import os, shutil, pytest
from pathlib import Path
from tests.journeys import stage, test_six_steps as t
from django.db import connections
STAGES = ["directive_and_plans", "cycle_and_dates", "preparation", "election", "record", "result", "progress"]
def test_dev(served, monkeypatch, tmp_path):
    done = [n for n in range(len(STAGES)) if Path(f"/tmp/dev/snap{n}").exists()]
    monkeypatch.setenv("CONVENTUS_TODAY", "2025-02-25")
    begin = int(os.environ.get("BEGIN", max(done, default=-1) + 1))
    if begin == 0:
        served.start_from(stage.units_and_people)
    else:
        connections["default"].close()
        shutil.copyfile(f"/tmp/dev/snap{begin-1}", served.databases.current)
        if Path("/tmp/dev/record.pdf").exists(): shutil.copy("/tmp/dev/record.pdf", tmp_path)
    try:
        for n in range(begin, len(STAGES)):
            print("STAGE", STAGES[n])
            f = getattr(t, STAGES[n])
            f(*((served, tmp_path) if n >= 4 else (served,)))
            Path(f"/tmp/dev/snap{n}").unlink(missing_ok=True)
            with connections["default"].cursor() as cur: cur.execute("VACUUM INTO %s", [f"/tmp/dev/snap{n}"])
            if n == 4: shutil.copy(tmp_path / "record.pdf", "/tmp/dev/record.pdf")
    finally:
        served.leave()
