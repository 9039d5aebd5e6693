"""SnapStart: what Lambda's own runtime restores from a snapshot has no connection, cache or random number of before."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import boto3

from tests.support.lambda_service import lambda_service

FUNCTION = """
import random
from integrations_hub import bootstrap

before = bootstrap.health_reader()  # what an import should not do, and a snapshot would keep
random.seed(7)

def lambda_handler(event, context):
    kept = [part for part in type(bootstrap.health_reader).parts if part.built is not None]
    return {"kept": len(kept), "same": bootstrap.health_reader() is before, "drawn": random.random()}
"""


def test_a_restored_process_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FUNCTION)
    environment = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    with lambda_service(tmp_path) as service:
        service.deploy("restored", tmp_path, environment, snap_start=True)
        service.deploy("plain", tmp_path, environment)
        keys = {"aws_access_key_id": "not-a-real-key-id", "aws_secret_access_key": "not-a-real-key"}
        client = boto3.client("lambda", endpoint_url=service.url, region_name="eu-central-1", **keys)
        restored, plain = (
            json.loads(client.invoke(FunctionName=name, Payload=b"{}")["Payload"].read())
            for name in ("restored", "plain")
        )
    assert (restored["kept"], restored["same"]) == (0, False)
    assert plain["kept"] > 0
    assert plain["same"]
    assert plain["drawn"] == Random(7).random()
    assert restored["drawn"] != plain["drawn"]
