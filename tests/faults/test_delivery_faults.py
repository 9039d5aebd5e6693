"""Delivering processes that are killed, and a receiver that fails for minutes: every event arrives, recognisable."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from tests.support.hub import outside_folder, running_hub
from tests.support.receiver import Receiver

PROGRAM = "from integrations_hub import bootstrap; print(bootstrap.delivery().deliver_events())"

FOREVER = """
import time
from integrations_hub import bootstrap
while True:
    bootstrap.delivery().deliver_events()
    time.sleep(0.5)
"""
FAILING_S = 120
LEFT = "SELECT destination, last_error FROM hub.deliveries WHERE delivered_at IS NULL OR dead_at IS NOT NULL"


@contextmanager
def deliverers(number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Deliver in processes of their own, again and again."""
    running = [subprocess.Popen([sys.executable, "-c", FOREVER], env=dict(os.environ)) for _ in range(number)]
    try:
        yield running
    finally:
        for one in running:
            one.kill()
            one.wait()


def test_what_was_sent_by_a_process_that_died_comes_again_and_nothing_is_stuck() -> None:
    with (
        Receiver().serving() as receiver,
        outside_folder() as folder,
        running_hub(folder, EVENT_WEBHOOK_URL=receiver.url) as hub,
    ):
        # Given a receiver that has read the request and takes its time to answer
        receiver.takes_s = 5
        one = hub.client("acme").register("a")
        dying = subprocess.Popen([sys.executable, "-c", PROGRAM], env=dict(os.environ), stdout=subprocess.DEVNULL)
        while not receiver.got:
            assert dying.poll() is None, "it ended before it sent"
            time.sleep(0.02)
        # When
        dying.send_signal(signal.SIGKILL)
        dying.wait()
        receiver.takes_s = 0
        # Then nobody sends it while the lease lasts
        hub.deliver()
        assert len(receiver.got) == 1
        # and afterwards it comes again
        hub.rows("UPDATE hub.deliveries SET lease_until = now() - interval '1 second' WHERE lease IS NOT NULL")
        hub.deliver()
        first, second = (json.loads(got.body) for got in receiver.got)
        assert first == second
        assert first["subject"] == one["id"]
        (left,) = hub.rows("SELECT count(*) AS n FROM hub.deliveries WHERE delivered_at IS NULL")
        assert left["n"] == 0


def test_a_receiver_that_fails_for_minutes_gets_everything_afterwards_in_order_and_recognisable() -> None:
    with (
        Receiver().serving() as receiver,
        outside_folder() as folder,
        running_hub(folder, EVENT_WEBHOOK_URL=receiver.url) as hub,
    ):
        # Given two delivering processes, and a receiver that fails in several ways while things go on
        me = hub.client("acme")
        with deliverers(2) as running:
            ends, failures, registered = time.monotonic() + FAILING_S, cycle([503, 500, 502, 408, 404]), 0
            while time.monotonic() < ends:
                receiver.status = next(failures)
                me.call("DELETE", f"/{me.register(f'number-{registered}')['id']}")
                registered += 1
                time.sleep(2)
            asked_in_vain = len(receiver.got)
            # When it works again
            receiver.status = 200
            gives_up = time.monotonic() + FAILING_S + 60
            while left := hub.rows(LEFT):
                assert time.monotonic() < gives_up, left
                assert all(one.poll() is None for one in running), "a delivering process ended"
                time.sleep(0.5)
    # Then
    events = [json.loads(got.body) for got in receiver.got]
    times = Counter(event["id"] for event in events[:asked_in_vain])
    assert 3 <= max(times.values()) <= 6  # after 5, 10, 20, 40 and 80 s, whichever process it is
    sent = {event["id"]: event for event in events}
    assert all(event == sent[event["id"]] for event in events)
    arrived = list({event["id"]: event for event in events[asked_in_vain:]}.values())
    by_subject: dict[str, list[str]] = {}
    for event in arrived:
        by_subject.setdefault(event["subject"], []).append(event["type"])
    assert len(by_subject) == registered
    assert set(map(tuple, by_subject.values())) == {("integration.created", "integration.deleted")}
