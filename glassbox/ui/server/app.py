"""What dashboard.py makes the server's app of: `App(__file__, middleware=middleware(), routes=routes(),
lifespan=lifespan)`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit import config
from streamlit.runtime import get_instance
from streamlit.starlette import App

from glassbox import heap
from glassbox.engine import choice
from glassbox.serving import heads, output
from glassbox.serving.service import Service
from glassbox.serving.settings import Settings
from glassbox.ui.server import address, elements, janitor, messages, runs, sending
from glassbox.ui.server.headers import Guard
from glassbox.ui.server.janitor import uploaded_bytes
from glassbox.ui.server.prepared_files import streamlit_files
from glassbox.ui.server.static_files import StaticFiles, prepared
from glassbox.ui.server.upload_limit import UploadLimit

heap.bound_arenas()  # before Streamlit starts threads
output.never_fail()
_FILES = streamlit_files()


def middleware() -> list[Middleware]:
    """Return what every request passes through, outermost first."""
    return [
        Middleware(Guard),
        Middleware(StaticFiles, files=_FILES),
        Middleware(UploadLimit, held=lambda: uploaded_bytes(get_instance().uploaded_file_mgr)),
    ]


def routes() -> list[BaseRoute]:
    """Return the addresses at which programs ask the models; none where a setting turns the service off."""
    settings = Settings.from_environment()
    hosts = (*config.get_option("server.allowedHosts"), config.get_option("browser.serverAddress"))
    return Service(replace(settings, hosts=hosts)).routes() if settings.on else []


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Keep the server's house from its start to its end. Raises ValueError where the environment asks for no engine
    that there is, so that this is found at the start."""
    choice.configured()
    address.prepare()
    elements.prepare()
    heads.prepare()
    janitor.prepare()
    messages.prepare()
    runs.prepare()
    sending.prepare()
    with prepared(_FILES):
        sweeping = asyncio.create_task(janitor.sweep_forever(get_instance()))
        try:
            yield
        finally:
            sweeping.cancel()
