"""Attacks on the protocol: lines of the stranger's own making, on the pipe its process speaks to the hub by."""

from __future__ import annotations

import os


def say(line: bytes) -> None:
    """Write to every pipe but the log."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, line)
        except OSError:
            continue


async def say_raw(_probe, line: str) -> str:
    say(line.encode("utf-8", "surrogatepass"))
    return "said"


async def say_huge_line(_probe) -> str:
    while True:
        say(b"x" * 65_536)


async def tell_the_secret(probe, how: str) -> str:
    secret = probe.credential.fields["token"].reveal()
    return eval(how, {"secret": secret})


async def print_the_secret(probe) -> str:
    print("on output:", probe.credential.fields["token"].reveal(), flush=True)
    os.write(2, f"on errors: {probe.credential.fields['token'].reveal()}\n".encode())
    raise RuntimeError(probe.credential.fields["token"].reveal())


async def forget_the_secret(probe) -> str:
    return f"{len(probe.credential.fields)} fields: {sorted(probe.credential.fields)}"
