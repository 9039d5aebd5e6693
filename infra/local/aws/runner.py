"""Runs what is deployed to the emulator under Lambda's own runtime: one environment per version of a function.

The emulator's own executor would lend a function its site-packages and ignore the deployed runtime. So it hands each
invocation to this server, which fetches the function's code, layers and configuration as deployed, once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener
from zipfile import ZipFile

from werkzeug.wrappers import Request, Response

from local.aws.emulator import Emulator
from local.aws.rie import BuiltFunction, RunningFunction

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Runner"]


class Runner:
    """The WSGI application the emulator posts invocations to."""

    def __init__(self, emulator: Emulator, folder: Path, stack: ExitStack) -> None:
        """Hold where deployed code is kept, and the stack that stops what runs."""
        self._emulator, self.folder, self._stack = emulator, folder, stack
        self._running: dict[str, RunningFunction] = {}
        self._fetching = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Invoke the function that a header names; 500 is how the emulator is told of a failed one."""
        request = Request(environ)
        answer: WSGIApplication
        try:
            invoked = self._of(request.headers["X-Amzn-Lambda-Function-Arn"]).invoke(request.get_data())
            answer = Response(invoked.payload, 500 if invoked.failed else 200, mimetype="application/json")
        except OSError as gone:
            answer = Response(str(gone), 500)
        return answer(environ, start_response)

    def _of(self, arn: str) -> RunningFunction:
        with self._fetching:
            if arn not in self._running:
                function = self._fetch(arn)
                running = RunningFunction(function, self.folder / f"{function.name}.log")
                self._running[arn] = self._stack.enter_context(running)
            return self._running[arn]

    def _fetch(self, arn: str) -> BuiltFunction:
        lambda_ = self._emulator.client("lambda")
        deployed = lambda_.get_function(FunctionName=arn)
        configuration: dict[str, Any] = deployed["Configuration"]
        layers = [
            self._unpacked(lambda_.get_layer_version_by_arn(Arn=layer["Arn"])["Content"]["Location"], layer["Arn"])
            for layer in configuration.get("Layers", [])
        ]
        variables = configuration.get("Environment", {}).get("Variables", {})
        return BuiltFunction(
            name=configuration["FunctionName"],
            folder=self._unpacked(deployed["Code"]["Location"], arn),
            layers=layers,
            environment={**variables, **self._emulator.environment},
            handler=configuration["Handler"],
            timeout_s=configuration["Timeout"],
            memory_mb=configuration["MemorySize"],
        )

    def _unpacked(self, location: str, arn: str) -> Path:
        folder = self.folder / arn.partition(":lambda:")[2].replace(":", "-")
        if not folder.exists():
            with build_opener(ProxyHandler({})).open(location) as answer, ZipFile(BytesIO(answer.read())) as archive:
                archive.extractall(folder)
        return folder
