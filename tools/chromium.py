"""The browser for the journeys: found, or installed from Debian's package where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium; `CONVENTUS_CHROMIUM` names another one."""
    if named := os.environ.get("CONVENTUS_CHROMIUM"):
        return named
    return next((path for name in NAMES if (path := shutil.which(name, path=_path()))), None)


def find_or_install() -> str:
    """As `find`; asks apt-get for it when it is missing, and ends with what to do when that cannot be."""
    found = find()
    if found is None and (apt := _apt()):
        print("Installing Debian's chromium for the journeys …", flush=True)
        quiet = ["-qq", "-y", "--no-install-recommends"]
        subprocess.run([*apt, "update", "-qq"], stdout=subprocess.DEVNULL)
        subprocess.run([*apt, "install", *quiet, "chromium", "fonts-dejavu-core"], stdout=subprocess.DEVNULL)
        found = find()
    if found is None:
        sys.exit(
            "The journeys drive a Chromium, and none was found or could be installed. Install it (Debian: "
            "apt-get install chromium), or say where it is with CONVENTUS_CHROMIUM=/path/to/chromium."
        )
    return found


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin", "/snap/bin"])


def _apt() -> list[str] | None:
    """How to call apt-get without a question: as root, or through a sudo that asks for no password."""
    if not shutil.which("apt-get"):
        return None
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if os.geteuid() == 0:
        return apt
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n", *apt]
    return None
