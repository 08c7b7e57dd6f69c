"""The first screen, and the server's app: `streamlit run dashboard.py` asks this file for both."""

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.starlette import App

from glassbox.ui.frame import shell
from glassbox.ui.pages.read.view import first_screen
from glassbox.ui.server.app import lifespan, middleware, routes

if get_script_run_ctx(suppress_warning=True) is None:
    app = App(__file__, middleware=middleware(), routes=routes(), lifespan=lifespan)
else:
    with shell.page("read") as page:
        first_screen(page)
