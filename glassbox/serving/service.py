"""The addresses of the Open Inference Protocol, and what each answers."""

from collections.abc import AsyncGenerator
from pathlib import Path
from time import perf_counter

import msgspec
from starlette.routing import BaseRoute, Route

import glassbox
from glassbox.serving import tensors, writing
from glassbox.serving.batching import Runner, busy
from glassbox.serving.endpoint import Answer, Door, Endpoint, Handler, Request, as_json
from glassbox.serving.models import VERSION, ServedModel, ServedModels
from glassbox.serving.protocol import (
    EXTENSIONS,
    HEADER_LENGTH,
    Live,
    ModelNames,
    ModelReady,
    Problem,
    Ready,
    ServerMetadata,
    ServiceError,
)
from glassbox.serving.reading import Readers
from glassbox.serving.settings import Settings
from glassbox.serving.writing import GenerateRequest, GenerateResponse, Writers

PREFIXES = ("/v1/", "/v2")
"""What the paths of the service begin with."""


MOST_STREAMS = 16
"""Texts that are written piece by piece at the same time."""
_generate = msgspec.json.Decoder(GenerateRequest)


class Service:
    """The models under `folder` (default: models/) as a service; `draining`: whether it shuts down."""

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        self.settings = settings
        self.models = ServedModels(folder)
        self.door = Door(settings)
        tell = self.door.metrics.batch if self.door.metrics else lambda *_: None
        self.runner = Runner(settings.window / 1000, settings.batch, tell)
        self.readers, self.writers = Readers(folder), Writers(folder)
        self.draining = False
        self._streams = 0

    def routes(self) -> list[BaseRoute]:
        """Return the routes, those that are asked most first."""
        model = "/v2/models/{name}"
        routes: list[BaseRoute] = []

        def add(path: str, handler: Handler, *methods: str, open: bool = False) -> None:
            routes.append(Route(path, Endpoint(path, handler, self.door, methods, open=open)))

        for base in (model, f"{model}/versions/{{version}}"):
            add(f"{base}/infer", self.infer, "POST")
            add(f"{base}/ready", self.model_ready, "GET")
            add(base, self.model_metadata, "GET")
            add(f"{base}/generate", self.generate, "POST")
            add(f"{base}/generate_stream", self.generate_stream, "POST")
        add("/v1/predict", self.predict, "POST")
        add("/v1/classify", self.classify, "POST")
        add("/v2/health/live", self.live, "GET", open=True)
        add("/v2/health/ready", self.ready, "GET", open=True)
        add("/v2/models", self.names, "GET")
        add("/v2/repository/index", self.index, "POST")
        add("/v2", self.metadata, "GET")
        add("/v2/", self.metadata, "GET")
        if self.settings.metrics:
            add("/metrics", self.metrics, "GET")
        for prefix in ("/v1", "/v2"):
            add(f"{prefix}/{{rest:path}}", self.nothing, "GET", "POST", "PUT", "PATCH", "DELETE")
        return routes

    async def live(self, request: Request) -> Answer:
        """Answer whether the server runs."""
        return as_json(Live(True))

    async def ready(self, request: Request) -> Answer:
        """Answer whether requests are taken."""
        return as_json(Ready(not self.draining), 503 if self.draining else 200)

    async def metadata(self, request: Request) -> Answer:
        """Answer what the server is."""
        return as_json(ServerMetadata("glassbox", glassbox.__version__, list(EXTENSIONS)))

    async def names(self, request: Request) -> Answer:
        """Answer what models there are."""
        return as_json(ModelNames(list(self.models.names)))

    async def index(self, request: Request) -> Answer:
        """Answer the state of each model."""
        return as_json(await self.runner.call(self.models.index))

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
        asked = tensors.read(request.body, int(said) if said else None)
        size = model.check(asked.arrays, asked.outputs)
        read = perf_counter()
        done = await self.runner.run(model, asked.arrays, size)
        ran = perf_counter()
        outputs = {name: done.outputs[name] for name in asked.outputs} if asked.outputs else done.outputs
        body, header_length = tensors.response(model.name, VERSION, asked, outputs)
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
        models = request.parameter("models")
        return as_json(await self.runner.call(lambda: self.readers.predict(request.body, models)))

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

    async def _asked(self, request: Request) -> tuple[str, GenerateRequest]:
        try:
            asked = _generate.decode(request.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ServiceError(422, f"this is no request to write: {tensors.where(error)}") from None
        return (await self.model(request)).name, asked

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
