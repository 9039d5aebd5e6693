"""A face exposed as the functions expose theirs finds the verifier through the composition root, by its settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

from local.authority import Authority, serve

PROGRAM = """
import json, sys
from integrations_hub.web import READ, Call, NoBody, NoQuery, Response, expose, json_answer

def whoami(call: Call[NoQuery, NoBody]) -> Response:
    return json_answer(200, call.caller.tenant)

face, _ = expose(whoami, "GET", "/whoami", scope=READ)
answers = []
for token in sys.argv[1:]:
    event = {"rawPath": "/whoami", "headers": {"authorization": token}, "requestContext": {"http": {"method": "GET"}}}
    answers.append(face(event, None)["statusCode"])
print(json.dumps(answers))
"""


def test_the_settings_name_the_authority(tmp_path: Path) -> None:
    # Given
    authority = Authority(tmp_path)
    server = serve(authority)
    tokens = [f"Bearer {authority.mint('acme')}", f"Bearer {authority.mint('acme', aud='elsewhere')}"]
    environment = {**os.environ, "ISSUER_URL": authority.issuer}
    # When
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *tokens], env=environment, capture_output=True, text=True, check=True
    )
    server.stop()
    # Then
    assert json.loads(run.stdout) == [200, 401]
