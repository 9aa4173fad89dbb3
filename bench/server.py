"""The servers under test: the site in its production settings, and the bare answer beside it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

PRODUCTION = {
    "CROWDFUND_SANDBOX": "0",
    "CROWDFUND_SECRET_KEY": "made up for measuring, used nowhere else",
    "CROWDFUND_PUBLIC_URL": "https://crowdfund.example",
    "CROWDFUND_STRIPE_API_KEY": "sk_test_bench",
    "CROWDFUND_STRIPE_WEBHOOK_SECRETS": "whsec_bench",
    "CROWDFUND_SMTP_URL": "smtp://127.0.0.1:1",
    "CROWDFUND_MAIL_FROM": "Bench <bench@crowdfund.example>",
    "CROWDFUND_HELP_EMAIL": "help@crowdfund.example",
    "CROWDFUND_OFFICERS_EMAIL": "officers@crowdfund.example",
    "CROWDFUND_HELP_PHONE": "03000 000000",
    "CROWDFUND_TRUSTED_PROXIES": "1",
}


@contextmanager
def serving(*command: str, database_url: str = "") -> Iterator[int]:
    """Run a server of ours on a free port of this machine and yield the port."""
    port = free_port()
    env = os.environ | PRODUCTION | {"CROWDFUND_DATABASE_URL": database_url}
    words = [word.format(port=port) for word in command]
    process = subprocess.Popen([sys.executable, "-m", *words], env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until something answers on a port. Raises TimeoutError."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")
