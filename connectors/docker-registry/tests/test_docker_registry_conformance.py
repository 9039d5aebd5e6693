"""The Docker registry connector keeps the contract of connectors, by Basic and by token."""

from aiohttp import encode_basic_auth, web

from integrations_hub.connector.testing import ConformanceKit
from integrations_hub_docker_registry import DockerRegistryConnector

NAMES = [f"name-{number:03}" for number in range(150)]
VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
LISTS = {"/v2/_catalog": "repositories", "/v2/team/app/tags/list": "tags"}


class TestByBasic(ConformanceKit):
    connector = DockerRegistryConnector
    invalid_configs = (
        {},
        {"endpoint": "ftp://registry.example"},
        {"endpoint": "https://registry.example/v2/team/app"},
        {"endpoint": "https://registry.example", "repository": "team/app:1.0"},
    )

    def config(self, endpoint):
        return {"endpoint": endpoint, "repository": "team/app"}

    def secret(self, canary):
        return {"username": "kit", "password": canary}

    def provider(self, secret):
        async def answer(request):
            if request.headers.get("Authorization") != login(secret):
                return self.error(401)
            return served(request)

        return answer

    def error(self, status):
        document = {"errors": [{"code": "KIT", "message": "the request was refused"}]}
        challenge = {"WWW-Authenticate": 'Basic realm="kit"'} if status == 401 else {}
        return web.json_response(document, status=status, headers={**VERSION, **challenge})


class TestByToken(TestByBasic):
    def provider(self, secret):
        async def answer(request):
            if request.path == "/token":
                known = request.headers.get("Authorization") == login(secret)
                token = f"{secret['password']}-{request.query.get('scope', '').replace(':', '.')}"
                return web.json_response({"token": token}) if known else self.error(401)
            if not request.headers.get("Authorization", "").startswith(f"Bearer {secret['password']}-"):
                refused = self.error(401)
                refused.headers["WWW-Authenticate"] = (
                    f'Bearer realm="{request.scheme}://{request.host}/token",service="kit"'
                )
                return refused
            return served(request)

        return answer


def login(secret):
    return encode_basic_auth(secret["username"], secret["password"])


def served(request):
    if request.path not in LISTS:
        return web.json_response({}, headers=VERSION)
    first = NAMES.index(request.query["last"]) + 1 if "last" in request.query else 0
    size = int(request.query["n"])
    page, left = NAMES[first : first + size], NAMES[first + size :]
    link = {"Link": f'<{request.path}?last={page[-1]}&n={size}>; rel="next"'} if left else {}
    return web.json_response({LISTS[request.path]: page}, headers=link)
