"""The addresses of the Open Inference Protocol, and what each answers."""

from collections.abc import AsyncGenerator, Callable
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import msgspec
from starlette.routing import BaseRoute, Route

import glassbox
from glassbox.serving import drill, openapi, page, tensors, writing
from glassbox.serving.batching import Runner, busy
from glassbox.serving.endpoint import Answer, Door, Endpoint, Request, as_json
from glassbox.serving.models import VERSION, ServedModel, ServedModels
from glassbox.serving.openapi import Address
from glassbox.serving.protocol import (
    EXTENSIONS,
    HEADER_LENGTH,
    IndexRequest,
    InferRequest,
    InferResponse,
    Live,
    ModelMetadata,
    ModelNames,
    ModelReady,
    Problem,
    Ready,
    RepositoryEntry,
    ServerMetadata,
    ServiceError,
)
from glassbox.serving.reading import PicturePrediction, Readers, TextClass
from glassbox.serving.settings import Settings
from glassbox.serving.writing import GenerateRequest, GenerateResponse, GenerateStreamResponse, Writers

PREFIXES = ("/v1/", "/v2")
"""What the paths of the service begin with."""


Record = TypeVar("Record")
Result = TypeVar("Result")
AT_ONCE = 100_000
"""Bytes that are read or written in the event loop: it takes about a millisecond."""
MOST_STREAMS = 16
"""Texts that are written piece by piece at the same time."""
_generate, _index = msgspec.json.Decoder(GenerateRequest), msgspec.json.Decoder(IndexRequest)
_JSON, _BYTES = "application/json", "application/octet-stream"
_TENSORS, _GIVEN = {_JSON: InferRequest, _BYTES: None}, {_JSON: InferResponse, _BYTES: None}
_WRITTEN = {_JSON: GenerateResponse}
_ASKED, _EVENTS, _UNFIT = {_JSON: GenerateRequest}, {"text/event-stream": GenerateStreamResponse}, (400, 404, 422)
_READY, _INDEX = {_JSON: IndexRequest}, {_JSON: list[RepositoryEntry]}


class Service:
    """The models under `folder` (default: models/) as a service; `draining`: whether it shuts down. `replica`: whether
    something starts another process in place of this one, should it end."""

    def __init__(self, settings: Settings, folder: Path | None = None, *, replica: bool = False) -> None:
        self.settings = settings
        self.models = ServedModels(folder)
        self.door = Door(settings)
        tell = self.door.metrics.batch if self.door.metrics else lambda *_: None
        self.runner = Runner(settings.window / 1000, settings.batch, tell)
        self.readers, self.writers = Readers(folder), Writers(folder)
        self.draining = False
        self._drill = replica and settings.drill and bool(self.door.digests)
        self._streams = 0

    def routes(self, *, everywhere: bool = False) -> list[BaseRoute]:
        """Return the routes, those that are asked most first; `everywhere`: also one that refuses all other paths."""
        routes: list[BaseRoute] = []
        for one in self.addresses:
            endpoint = Endpoint(one.path, one.handler, self.door, (one.method,), open=one.open)
            routes.append(Route(one.path, endpoint))
        routes.append(Route("/v2/", Endpoint("/v2", self.metadata, self.door, ("GET",), open=False)))
        for path in ("/v1/{rest:path}", "/v2/{rest:path}", *(("/{rest:path}",) if everywhere else ())):
            methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
            routes.append(Route(path, Endpoint(path, self.nothing, self.door, methods, open=False)))
        return routes

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses, those that are asked most first."""
        found, write = [], {"name": self.writers.names}
        for base in ("/v2/models/{name}", "/v2/models/{name}/versions/{version}"):
            found += [
                Address(f"{base}/infer", self.infer, "POST", _TENSORS, _GIVEN, problems=(400, 404)),
                Address(f"{base}/ready", self.model_ready, gives={_JSON: ModelReady}, problems=(404,)),
                Address(base, self.model_metadata, gives={_JSON: ModelMetadata}, problems=(404,)),
                *(
                    Address(f"{base}/{handler.__name__}", handler, "POST", _ASKED, given, problems=_UNFIT, values=write)
                    for handler, given in ((self.generate, _WRITTEN), (self.generate_stream, _EVENTS))
                ),
            ]
        found += [
            Address(
                "/v1/predict",
                self.predict,
                "POST",
                {"image/*": None},
                {_JSON: PicturePrediction},
                {
                    "models": "The networks to ask, their names between commas; by default those of the article.",
                    "as_is": "true: a picture of 28 x 28 pixels is taken as it is, white on black as MNIST's are.",
                },
                (400, 422),
            ),
            Address(
                "/v1/classify",
                self.classify,
                "POST",
                {"text/plain": None},
                {_JSON: TextClass},
                {"model": "The network to ask, or a family, whose best is asked; by default that of the language."},
                (400, 422),
            ),
            Address("/v2/health/live", self.live, gives={_JSON: Live}, open=True),
            Address("/v2/health/ready", self.ready, gives={_JSON: Ready}, open=True),
            Address("/v2/models", self.names, gives={_JSON: ModelNames}),
            Address(
                "/v2/repository/index",
                self.index,
                "POST",
                {_JSON: IndexRequest},
                _INDEX,
                problems=(400,),
                optional=True,
            ),
            Address("/v2", self.metadata, gives={_JSON: ServerMetadata}),
            Address("/v2/openapi.json", self.document, gives={_JSON: dict[str, Any]}, open=True),
            Address("/v2/docs", self.page, gives={"text/html": None}, open=True),
        ]
        if self._drill:
            found.append(Address(f"/{drill.ADDRESS}", drill.end_replica, "POST", gives={_JSON: Live}))
        if self.settings.metrics:
            found.append(Address("/metrics", self.metrics, gives={"text/plain": None}))
        return tuple(found)

    @cached_property
    def _document(self) -> dict[str, Any]:
        values = {"name": self.models.names, "version": (VERSION,)}
        return openapi.document(self.addresses, values, keys=bool(self.door.digests))

    async def live(self, request: Request) -> Answer:
        """Answer whether the server runs."""
        return as_json(Live(True))

    async def ready(self, request: Request) -> Answer:
        """Answer whether requests are taken."""
        return as_json(Ready(not self.draining), 503 if self.draining else 200)

    async def metadata(self, request: Request) -> Answer:
        """Answer what the server is."""
        extensions = [*EXTENSIONS, drill.EXTENSION] if self._drill else list(EXTENSIONS)
        return as_json(ServerMetadata("glassbox", glassbox.__version__, extensions))

    async def names(self, request: Request) -> Answer:
        """Answer what models there are."""
        return as_json(ModelNames(list(self.models.names)))

    async def index(self, request: Request) -> Answer:
        """Answer the state of each model, or of those that are ready."""
        asked = _decoded(_index, request.body, 400) if request.body else IndexRequest()
        entries = await self.runner.call(self.models.index)
        return as_json([entry for entry in entries if entry.state == "READY" or not asked.ready])

    async def document(self, request: Request) -> Answer:
        """Answer this document."""
        return as_json(self._document)

    async def page(self, request: Request) -> Answer:
        """Answer this document as a page to read."""
        answer = Answer(page.html(self._document).encode(), media_type="text/html; charset=utf-8")
        answer.headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return answer

    async def model_metadata(self, request: Request) -> Answer:
        """Answer what a model takes and gives."""
        return as_json((await self.model(request)).metadata)

    async def model_ready(self, request: Request) -> Answer:
        """Answer whether a model can be asked."""
        model = await self.model(request)
        return as_json(ModelReady(model.name, not self.draining), 503 if self.draining else 200)

    async def infer(self, request: Request) -> Answer:
        """Answer what a model gives for the tensors that were sent."""
        begun = perf_counter()
        model = await self.model(request)
        loaded = perf_counter()
        said = request.header(HEADER_LENGTH)
        if said and not (said.isdecimal() and len(said) < 12):
            raise ServiceError(400, f"{HEADER_LENGTH} is no number of bytes")
        length = int(said) if said else None
        asked = await self._worked(len(request.body), lambda: tensors.read(request.body, length))
        size = model.check(asked.arrays, asked.outputs)
        read = perf_counter()
        done = await self.runner.run(model, asked.arrays, size)
        ran = perf_counter()
        outputs = {name: done.outputs[name] for name in asked.outputs} if asked.outputs else done.outputs
        numbers = sum(array.nbytes for array in outputs.values())
        body, header_length = await self._worked(numbers, lambda: tensors.response(model.name, VERSION, asked, outputs))
        written = perf_counter()
        answer = Answer(body)
        if header_length is not None:
            answer.media_type = "application/octet-stream"
            answer.headers[HEADER_LENGTH] = str(header_length)
        parts = {
            "load": loaded - begun,
            "parse": read - loaded,
            "queue": done.waited,
            f"run;desc={done.rows}": done.ran,
            "serialise": written - ran,
        }
        answer.headers["server-timing"] = ", ".join(f"{name};dur={1000 * t:.3f}" for name, t in parts.items())
        return answer

    async def metrics(self, request: Request) -> Answer:
        """Answer what was counted."""
        from glassbox.serving import metrics

        assert self.door.metrics is not None
        return Answer(self.door.metrics.text(), media_type=metrics.MEDIA_TYPE)

    async def predict(self, request: Request) -> Answer:
        """Answer what the networks read in a picture's file."""
        models, as_is = request.parameter("models"), request.parameter("as_is")
        return as_json(await self.runner.call(lambda: self.readers.predict(request.body, models, as_is)))

    async def classify(self, request: Request) -> Answer:
        """Answer what a network reads in a text."""
        model = request.parameter("model")
        return as_json(await self.runner.call(lambda: self.readers.classify(request.body, model)))

    async def generate(self, request: Request) -> Answer:
        """Answer the text that a network writes."""
        name, asked = await self._asked(request)

        def write() -> GenerateResponse:
            return writing.whole(name, self.writers.write(name, asked), asked.parameters.details)

        return as_json(await self.runner.call(write))

    async def generate_stream(self, request: Request) -> Answer:
        """Answer the text that a network writes, a piece at a time, as server-sent events."""
        name, asked = await self._asked(request)
        if self._streams >= MOST_STREAMS:
            raise busy()
        tokens = await self.runner.call(lambda: self.writers.write(name, asked))

        async def events() -> AsyncGenerator[bytes, None]:
            self._streams += 1
            try:
                while following := await self.runner.call(lambda: next(tokens, None)):
                    yield _event(writing.piece(name, *following, asked.parameters.details))
            except ServiceError as error:
                yield _event(Problem(str(error)))
            finally:
                self._streams -= 1

        return Answer(events(), media_type="text/event-stream", headers={"cache-control": "no-cache"})

    async def _worked(self, size: int, work: Callable[[], Result]) -> Result:
        """Return what `work` on so many bytes returns: little is done at once, much in a thread, as others wait."""
        return work() if size <= AT_ONCE else await self.runner.call(work)

    async def _asked(self, request: Request) -> tuple[str, GenerateRequest]:
        return (await self.model(request)).name, _decoded(_generate, request.body, 422)

    async def nothing(self, request: Request) -> Answer:
        """Refuse what is not served here."""
        rest = request.path["rest"]
        if "sharedmemory" in rest:
            raise ServiceError(400, "shared memory is not served here: send the data itself")
        raise ServiceError(404, "nothing is served at this address")

    async def model(self, request: Request) -> ServedModel:
        """Return the model that the path names, loaded. Raises ServiceError."""
        name, version = request.path["name"], request.path.get("version", VERSION)
        if version == VERSION and (found := self.models.loaded(name)):
            return found
        if name not in self.models.names:
            return self.models.load(name)  # which says so
        return await self.runner.call(lambda: self.models.load(name, version))


def _event(record: object) -> bytes:
    """Return a server-sent event: https://html.spec.whatwg.org/multipage/server-sent-events.html"""
    return b"data: " + msgspec.json.encode(record) + b"\n\n"


def _decoded(decoder: msgspec.json.Decoder[Record], body: bytes, status: int) -> Record:
    """Return the record in `body`. Raises ServiceError with `status` for what is none."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(status, f"this is not what is asked for: {tensors.where(error)}") from None
