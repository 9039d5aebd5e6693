"""Caps per process: of one host, of one tenant, in all; who waits for one host holds up nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter

from integrations_hub.plugins.slots import Caps, Slots


def most_at_once(caps: Caps, calls: list[tuple[str, str]]) -> tuple[int, Counter[str], int]:
    """Run calls (tenant, host); return the most at once in all and by name, and how many turnstiles are left."""
    now, most = Counter[str](), Counter[str]()

    async def call(slots: Slots, tenant: str, host: str) -> None:
        async with slots.taken(tenant, host):
            now.update(("all", tenant, host))
            for name in ("all", tenant, host):
                most[name] = max(most[name], now[name])
            await asyncio.sleep(0.002)
            now.subtract(("all", tenant, host))

    async def run() -> int:
        slots = Slots(caps)
        await asyncio.gather(*(call(slots, *one) for one in calls))
        return len(slots._turnstiles)

    left = asyncio.run(run())
    return most["all"], most, left


def test_each_cap_holds_and_nothing_is_remembered_of_who_is_gone() -> None:
    calls = [(f"tenant-{n % 3}", f"host-{n % 7}") for n in range(210)]
    total, most, left = most_at_once(Caps(total=9, per_host=2, per_tenant=4), calls)
    assert total == 9
    assert max(most[f"host-{n}"] for n in range(7)) == 2
    assert max(most[f"tenant-{n}"] for n in range(3)) == 4
    assert left == 0


def test_a_busy_host_takes_no_slot_from_the_others() -> None:
    order: list[str] = []

    async def call(slots: Slots, host: str, name: str) -> None:
        async with slots.taken("acme", host):
            await asyncio.sleep(0)
            order.append(name)

    async def run() -> None:
        slots, gate = Slots(Caps(total=2, per_host=1, per_tenant=9)), asyncio.Event()

        async def busy() -> None:
            async with slots.taken("acme", "busy"):
                await gate.wait()
                order.append("busy")

        waiting = [asyncio.create_task(busy()), *(asyncio.create_task(call(slots, "busy", "later")) for _ in range(5))]
        await asyncio.sleep(0)
        await call(slots, "calm", "calm")
        gate.set()
        await asyncio.gather(*waiting)

    asyncio.run(run())
    assert order == ["calm", "busy", *["later"] * 5]
