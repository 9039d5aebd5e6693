"""Attacks over the network: directly, and by asking the hub."""

from __future__ import annotations

import socket
import urllib.request

from integrations_hub.connector.redaction import Secret


async def connect(_probe, host: str, port: int) -> str:
    with socket.create_connection((host, port), timeout=2) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(4096).decode()


async def fetch(_probe, url: str) -> str:
    with urllib.request.urlopen(url, timeout=2) as answer:
        return answer.read().decode()


async def connect_by_unix_socket(_probe, path: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path.replace("@", "\0"))
        return connection.recv(1024).decode()


async def listen(_probe) -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"listening {server.getsockname()}"


async def look_up(_probe, host: str) -> str:
    return f"found {socket.getaddrinfo(host, 80)}"


async def make_pair(_probe) -> str:
    return f"pair {socket.socketpair()}"


async def raw_socket(_probe) -> str:
    return f"raw {socket.socket(socket.AF_PACKET, socket.SOCK_RAW)}"


async def ask_the_hub(probe, path: str) -> str:
    return (await probe.http.get(path)).text()


async def ask_the_hub_beyond(probe, url: str) -> str:
    return (await probe.beyond(url).get("")).text()


async def ask_the_hub_with_header(probe, name: str, value: str) -> str:
    return (await probe.http.get("", headers={name: value})).text()


async def ask_without_being_ready(probe) -> str:
    from integrations_hub.connector.remote import RemoteSender

    return (await RemoteSender(probe.http._line, ("https://other.example",)).get("")).text()


async def send_the_secret_twice(probe) -> str:
    secret = probe.credential.fields["token"]
    answer = await probe.http.request("POST", "echo", headers={"X-Token": Secret(secret.reveal())}, content=b"x")
    return f"{answer.status} {answer.excerpt} {secret.reveal()}"
