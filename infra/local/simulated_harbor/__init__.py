"""A simulated Harbor over real HTTP(S) on 127.0.0.1: what its handlers do, as far as the connector sees it.

    python -m local.simulated_harbor --port 8085

Behaviour after https://github.com/goharbor/harbor/tree/v2.15.2/src/server (handler/*.go, middleware/security/robot.go).
Harbor's own OpenAPI document and an SDK of others judge it in the tests.
"""

from local.simulated_harbor.harbor import SimulatedHarbor
from local.simulated_harbor.state import Policy, Project, Robot

__all__ = ["Policy", "Project", "Robot", "SimulatedHarbor"]
