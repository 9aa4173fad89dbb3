"""A bare answer on the same server and framework: what no page can beat. `python -m bench.bare PORT`."""

import sys

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from crowdfund.cli import BLOCKING_THREADS

app = Flask(__name__)


@app.get("/")
def answer() -> tuple[str, dict[str, str]]:
    """Answer five bytes."""
    return "hello", {"Content-Type": "text/plain"}


if __name__ == "__main__":
    Granian(
        "bench.bare:app",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=BLOCKING_THREADS,
        log_enabled=False,
    ).serve()
