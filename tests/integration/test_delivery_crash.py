"""kill -9 of the delivering process between sending and settling: the event comes again, recognisable as a repeat."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from tests.support.hub import outside_folder, running_hub
from tests.support.receiver import Receiver

PROGRAM = "from integrations_hub import bootstrap; print(bootstrap.delivery().deliver_events())"


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
