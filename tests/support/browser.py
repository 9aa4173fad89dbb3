"""Finds a Chromium for the browser journeys, or gets one."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# The shell without windows needs the least of a machine, so it comes first.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
)


def find_browser(environ: Mapping[str, str] = os.environ, apps: tuple[str, ...] = MAC_APPS) -> str | None:
    """Return the path of an installed Chromium or Chrome (CHROMIUM names one), or None."""
    if asked := environ.get("CHROMIUM"):
        return asked
    found = (shutil.which(name, path=environ.get("PATH")) for name in NAMES)
    return next((path for path in found if path), next((app for app in apps if Path(app).exists()), None))


def launch_args(environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return what Playwright needs to start it: the installed browser, or nothing for Playwright's own."""
    path = find_browser(environ)
    return {"executable_path": path, "args": list(QUIET)} if path else {}


def ensure_browser() -> str:
    """Return a browser's path, installing one if there is none. Raises CalledProcessError when that fails."""
    if path := find_browser() or _playwrights_own():
        return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-qy", "--no-install-recommends", "chromium"], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    path = find_browser() or _playwrights_own()
    if path is None:
        raise FileNotFoundError("no browser after installing one: set CHROMIUM to the path of a Chromium")
    return path


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main() -> None:
    """Print the browser's path; with --ensure install one if need be."""
    parser = argparse.ArgumentParser(description="Find a Chromium for the browser tests")
    parser.add_argument("--ensure", action="store_true", help="install one if there is none")
    path = ensure_browser() if parser.parse_args().ensure else find_browser()
    print(path or "no browser found")
    sys.exit(0 if path else 1)


if __name__ == "__main__":
    main()
