"""Serve a simulated Harbor until interrupted, with one robot and two projects."""

from __future__ import annotations

import argparse
import threading

from local.simulated_harbor import Project, Robot, SimulatedHarbor


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(
        description="A simulated Harbor on 127.0.0.1", epilog="Example: python -m local.simulated_harbor --port 8085"
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--robot", default="robot$hub", help="full name of the robot account")
    parser.add_argument("--robot-secret", default="not-a-real-secret-1", help="its secret; a fake one is the default")
    options = parser.parse_args()
    harbor = SimulatedHarbor(
        robots=[Robot(options.robot, options.robot_secret)],
        projects=[Project("library", public=True, repositories=("hello",)), Project("payments", repositories=("api",))],
    )
    print(f"simulated Harbor at {harbor.start(options.port)}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        harbor.stop()


if __name__ == "__main__":
    main()
