"""AWS by moto, on loopback; boto3 finds it by AWS_ENDPOINT_URL, as it would find any other emulator.

With HUB_TEST_AWS the same tests ask another one: `make localstack` sets it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
import localstack_client.session
import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

__all__ = ["REGION", "aws_at", "client", "moto_server"]

REGION = "eu-central-1"


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto with nothing in it and return its address; that of another emulator, where one is named."""
    other = os.environ.get("HUB_TEST_AWS")
    if other:
        yield other
        return
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    moto_api_backend.reset()  # what it holds is the process's, and a server before this one may have filled it
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def aws_at(url: str) -> Iterator[None]:
    """Have boto3 in this process speak to an address, with keys that are nobody's."""
    wanted = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "not-a-real-key-id",
        "AWS_SECRET_ACCESS_KEY": "not-a-real-key",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setenv(name, value)
        yield


def client(service: str) -> Any:
    """Return the operator's client: LocalStack's own where that is what the tests ask."""
    other = os.environ.get("HUB_TEST_AWS")
    if other is None:
        return boto3.client(service)
    place = urlsplit(other)
    session = localstack_client.session.Session(
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
        localstack_host=f"{place.hostname}:{place.port}",
    )
    return session.client(service)
