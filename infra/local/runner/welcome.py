"""What is printed once the hub serves: where it is, a token, three calls to try, and how to see an outage."""

from __future__ import annotations

from local.runner.api import BASE, Api
from local.runner.data_folder import DataFolder

__all__ = ["welcome"]


def welcome(url: str, metrics: str, token: str, data: DataFolder, api: Api) -> str:
    """Return the text; each call in it can be pasted into a shell as it is."""
    harbor = api.find("harbor")
    third = f"-X POST {url}{BASE}/{harbor['id']}/health-check" if harbor else f"{url}{BASE}/plugins"
    calls = [f"{url}{BASE}", f"{url}{BASE}/summary", third]
    down, up = data.make("harbor-down"), data.make("harbor-up")
    outage = f"  To see an outage: {down}, and after half a minute: {up}\n" if harbor else ""
    return (
        f"hub ready: {url}\n\n"
        f"  A development token, good for eight hours ({data.make('token')} prints another):\n\n"
        f"export TOKEN={token}\n\n"
        "  Three calls to try in another window:\n\n"
        + "".join(f'curl -sS -H "Authorization: Bearer $TOKEN" {call}\n' for call in calls)
        + f"\n{outage}  The log: {data.log}\n  For Prometheus: {metrics}\n"
        f"  Ctrl-C stops everything; the data stays in {data.path}\n"
    )
