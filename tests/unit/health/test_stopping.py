"""Signals that stop work, at the worst moments. Each case is a process of its own: a deadlock ends at its time limit."""

import signal
import subprocess
import sys

PROGRAM = """
import signal, threading
from integrations_hub.health.stopping import heeding_sigterm, signals_set
stopped = threading.Event()
"""


def ending(program: str) -> int:
    return subprocess.run([sys.executable, "-c", PROGRAM + program], timeout=30, check=False).returncode


def test_a_signal_amid_the_handling_of_another_stops_all_the_same():
    """`make` passes on the signal that its children have had already; both handlers run in the main thread."""
    program = """
with signals_set(stopped, signal.SIGTERM):
    with stopped._cond:  # as a thread that is about to wait for the event, or to set it, has it
        signal.raise_signal(signal.SIGTERM)
    stopped.wait()
"""
    assert ending(program) == 0


def test_work_told_to_end_ends_and_then_does_as_the_signal_says():
    program = """
with heeding_sigterm(stopped):
    with stopped._cond:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    stopped.wait()
    print("ended in good order")
"""
    assert ending(program) == -signal.SIGTERM


def test_signals_do_as_before_afterwards_and_no_thread_stays():
    program = """
with signals_set(stopped, signal.SIGTERM) as came:
    [waiting] = [thread for thread in threading.enumerate() if thread.name == "signals"]
waiting.join()
assert not stopped.is_set() and came == []
signal.raise_signal(signal.SIGTERM)
"""
    assert ending(program) == -signal.SIGTERM
