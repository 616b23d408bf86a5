"""Which browser there is, how it is started, and the screens of a worker and an office."""

import os
import shutil
from typing import Any

FLAGS = [
    "--no-sandbox",  # root and containers have none; the pages are ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
AS_PEOPLE_HAVE_IT = ["--disable-back-forward-cache"]
"""What Playwright would switch off: the memory behind the back button, which must show nothing after signing out."""
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


def chromium() -> str | None:
    """The program that the browser tests drive, if this machine has one."""
    names = (os.environ.get("VISITCARE_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)
