"""A stranger's connector as the hub knows it: by name, folder, entry point and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from integrations_hub.connector.contract import CredentialNeed
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason

__all__ = ["Stranger"]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A plugin that runs in a cage only: a process of `folder`, or the Lambda `function` that is its own.

    `target` is its entry point, `module:class`; the rest it says of itself.
    """

    plugin_id: str
    folder: Path
    target: str
    function: str | None = None
    type: str = ""
    category: str = ""
    credential: CredentialNeed = CredentialNeed.REQUIRED
    capabilities: tuple[str, ...] = ()

    def require(self, capability: str) -> None:
        """Return when the connector says that it can do this: `discover:<kind>`, `webhook`.

        Raises:
            CheckFailed: `invalid_config` when it does not.
        """
        if capability not in self.capabilities:
            evidence = f"{self.type} cannot do {capability}"
            remedy = "Look at the capabilities GET /plugins lists."
            raise CheckFailed(Reason.INVALID_CONFIG, evidence, remedy)
