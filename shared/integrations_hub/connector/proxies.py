"""Which proxy a call goes through, and what may be asked of one.

A proxy resolves names where no guard of the hub's can look. So only proxies that the operator names are used, their own
addresses are judged like any other, and what can be judged before they are asked is: literal addresses, names of
metadata services, and names that stand for the proxy itself. For the addresses behind other names its rules stand in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from integrations_hub.connector.egress import EgressPolicy, Refusal
from integrations_hub.connector.endpoint import proxy_url, split_endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.site import is_address

__all__ = ["ProxyPolicy", "judge_behind", "parse_direct", "parse_proxies"]


@dataclass(frozen=True, slots=True)
class ProxyPolicy:
    """The proxies the operator names: for whoever asks for one, by default, and what goes past the default.

    `direct` holds host names, `.suffixes` of them, and networks of literal addresses.
    """

    named: frozenset[str] = frozenset()
    default: str | None = None
    direct: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Return every proxy an integration may name, sorted."""
        return tuple(sorted(self.named | ({self.default} if self.default else set())))

    def choose(self, wanted: str | None, host: str) -> str | None:
        """Return the proxy for a call to a host; None stands for a direct connection.

        Raises:
            CheckFailed: `egress_denied` when the integration names a proxy that the operator does not.
        """
        if wanted is None:
            return None if self.default is None or _listed(self.direct, host) else self.default
        if wanted in self.known:
            return wanted
        raise CheckFailed(
            Reason.EGRESS_DENIED,
            "the operator does not name this integration's proxy",
            "Name another proxy in the config, or have the operator add it to EGRESS_PROXIES.",
            step=StepName.CONNECT,
        )


def judge_behind(policy: EgressPolicy, url: str) -> Refusal | None:
    """Return why a proxy is not to be asked for a URL, None when it may be.

    Raises:
        CheckFailed: `invalid_config` when the proxy might read the URL in another way (`127.1`, userinfo, …).
    """
    try:
        host = split_endpoint(url).host
    except ValueError as refused:
        sentence = str(refused)
    else:
        if host == "localhost" or host.endswith(".localhost"):
            return Refusal("the proxy itself", "localhost", final=True)
        return policy.judge(host.strip("[]")) if is_address(host) else None
    raise CheckFailed(Reason.INVALID_CONFIG, sentence, "Correct the endpoint.", step=StepName.CONNECT)


def parse_proxies(text: str) -> frozenset[str]:
    """Read proxies separated by commas, as the setting `EGRESS_PROXIES` holds them.

    Raises:
        ValueError: saying what is wrong with one.
    """
    return frozenset(proxy_url(part.strip()) for part in text.split(",") if part.strip())


def parse_direct(text: str) -> tuple[str, ...]:
    """Read names, `.suffixes`, addresses and networks separated by commas, as `EGRESS_NO_PROXY` holds them.

    Raises:
        ValueError: naming the entry that is not a network.
    """
    entries = tuple(part.strip().lower().rstrip(".") for part in text.split(",") if part.strip())
    return tuple(str(ip_network(entry)) if "/" in entry or is_address(entry) else entry for entry in entries)


def _listed(entries: Iterable[str], host: str) -> bool:
    name = host.lower().rstrip(".").strip("[]")
    if is_address(name):
        return any(ip_address(name) in ip_network(entry) for entry in entries if "/" in entry)
    return any(entry == name or (entry.startswith(".") and name.endswith(entry)) for entry in entries)
