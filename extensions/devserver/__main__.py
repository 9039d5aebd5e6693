"""Serve the platform: `python -m devserver --help`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from devserver.application import Tenants, create_app
from devserver.behaviour import LISTINGS, Behaviour, Quota
from devserver.callers import Callers
from devserver.progress import Timing
from devserver.seed import seeded
from local.server import listen, serve

__all__ = ["main"]

EXAMPLE = """\
example:
  python -m local.authority serve --state .hub/authority --port 8081
  python -m devserver --issuer http://127.0.0.1:8081 --port 8710 --answers full

`make ide-demo` starts this server, the Authority and the hub together.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; a foreseeable fault is a sentence and status 1."""
    given = _parser().parse_args(words)
    endings = (signal.SIGINT, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)  # in every thread: they are waited for below
    timing = Timing(given.pending_seconds, given.approved_seconds, given.deploying_seconds)
    try:
        app = create_app(
            Callers(given.issuer),
            Tenants(lambda: seeded(time.time, timing)),
            integrations=dict(given.integration),
            behaviour=_behaviour(given),
        )
        running = serve(listen(given.port), app)
    except (ValueError, OSError, OverflowError) as fault:
        print(f"The platform cannot start: {getattr(fault, 'strerror', None) or fault}.", file=sys.stderr)
        return 1
    print(f"platform ready: {running.url} (tokens of {given.issuer}; Ctrl-C stops it)", flush=True)
    signal.sigwait(endings)
    running.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devserver",
        description="A small platform for the IDE extensions, on 127.0.0.1, with everything in memory.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--issuer", required=True, help="the Authority's URL")
    parser.add_argument("--port", type=int, default=8710, help="0 takes a free one (%(default)s)")
    parser.add_argument(
        "--integration",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=ID",
        help="an integration of the hub that components may name, such as harbor=<uuid>; can be given again",
    )
    timing = parser.add_argument_group("how long each stage of a promotion takes, in seconds")
    timing.add_argument("--pending-seconds", type=_seconds, default=1.0, help="until it awaits approval (%(default)s)")
    timing.add_argument("--approved-seconds", type=_seconds, default=2.0, help="until it deploys (%(default)s)")
    timing.add_argument("--deploying-seconds", type=_seconds, default=6.0, help="until it is deployed (%(default)s)")
    answers = parser.add_argument_group("how it answers, to try a client on")
    answers.add_argument("--answers", choices=("bare", "data", "full"), default="data", help="the shape (%(default)s)")
    answers.add_argument("--errors", choices=("envelope", "problem"), default="envelope", help="(%(default)s)")
    answers.add_argument(
        "--not-offered", choices=LISTINGS, action="append", default=[], help="a listing that is not there"
    )
    answers.add_argument("--not-offered-status", type=int, choices=(404, 501), default=404, help="(%(default)s)")
    answers.add_argument("--delay", type=_seconds, default=0.0, help="seconds before each answer (%(default)s)")
    answers.add_argument("--quota", type=int, help="requests a minute; over it, and with 0 always, 429")
    answers.add_argument("--half-written", action="store_true", help="cut every answer in the middle")
    return parser


def _behaviour(given: argparse.Namespace) -> Behaviour:
    return Behaviour(
        answers=given.answers,
        errors=given.errors,
        not_offered=frozenset(given.not_offered),
        not_offered_status=given.not_offered_status,
        delay_s=given.delay,
        half_written=given.half_written,
        quota=Quota(given.quota),
    )


def _pair(text: str) -> tuple[str, str]:
    name, found, id_ = text.partition("=")
    if not (found and name and id_):
        raise argparse.ArgumentTypeError("write NAME=ID, such as harbor=6f1d2a52-64a6-4e0f-9f5e-0a1d2b3c4d5e")
    return name, id_


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 24 * 3600:  # at most a day; NaN is refused too
        raise argparse.ArgumentTypeError("write a number of seconds from 0 to 86400, such as 2.5")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
