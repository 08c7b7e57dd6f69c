"""Programs that ask the visitor's question of this server, to copy and run as they stand."""

import base64
import gzip
import io
import json
import re
import zlib
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st
from PIL import Image

from glassbox.ui.base.choice import linked_choice
from glassbox.ui.base.i18n import t
from glassbox.ui.base.state import Kind, declare
from glassbox.ui.pages.service.travel import Ask

LOCAL = "http://localhost:8501"
"""Where `streamlit run dashboard.py` serves, for a page whose address is not known."""
_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+(?:/[\w.~+-]+)*")
_CALLED = {
    "curl": "curl",
    "picture": "curl, PNG",
    "python": "Python",
    "javascript": "JavaScript",
    "tritonclient": "tritonclient",
}
_PROGRAM = declare("service_program", Kind.CONTROL, "", parameter="program")


def server_address(url: str | None = None) -> str:
    """Return the address of this server as the visitor's browser has it, without a "/" at its end.

    `url`: the page's, by default that of the page in front. The browser says it, so only plain letters are taken.
    """
    url = st.context.url if url is None else url
    address = re.sub(r"/[^/]*/?$", "", (url or "").partition("?")[0].rstrip("/"))
    return address if _ADDRESS.fullmatch(address) else LOCAL


@dataclass(frozen=True)
class Program:
    """A program: its `source`, the `file` to save it as, and the command that runs it, `run`."""

    name: str
    file: str
    run: str
    source: str


def programs(ask: Ask, address: str) -> dict[str, Program]:
    """Return the programs by name; each prints what the network at `address` reads in the digit."""
    made = (
        Program("curl", "ask.sh", "sh ask.sh", _curl(ask, address)),
        Program("picture", "ask_picture.sh", "sh ask_picture.sh", _picture(ask, address)),
        Program("python", "ask.py", "python3 ask.py", _python(ask, address)),
        Program("javascript", "ask.mjs", "node ask.mjs", _javascript(ask, address)),
        Program("tritonclient", "ask_triton.py", "python3 ask_triton.py", _triton(ask, address)),
    )
    return {program.name: program for program in made}


def programs_figure(ask: Ask) -> None:
    """Draw the program that the visitor chooses, with the digit and the address in it."""
    found = programs(ask, server_address())
    name = linked_choice(_PROGRAM, t("service.program"), list(found), words=_CALLED.__getitem__)
    binary, words = ask.binary and name == "curl", {"file": found[name].file, "run": found[name].run}
    st.markdown(t(f"service.how_{name}_binary" if binary else f"service.how_{name}", **words))
    if ask.binary and name in ("python", "javascript"):
        st.caption(t("service.program_json"))
    # In one colour: some of those that Streamlit gives to words of a language can hardly be read.
    st.code(found[name].source, language=None, wrap_lines=True)


def _packed(ask: Ask) -> str:
    return base64.b64encode(zlib.compress(ask.digit.tobytes(), 9)).decode()


def _curl(ask: Ask, address: str) -> str:
    body, headers = ask.message(ask.binary)
    packed = base64.b64encode(gzip.compress(body, 9, mtime=0)).decode()
    sent = " \\\n      ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    numbers = f" \\\n  | tail -c {4 * ask.classes} | od -A n -t f4" if ask.binary else ""
    return f"""echo {packed} \\
  | base64 -d \\
  | curl -sSf {address}/{ask.path} \\
      {sent} \\
      -H 'Content-Encoding: gzip' --data-binary @-{numbers}
"""


def _picture(ask: Ask, address: str) -> str:
    file = io.BytesIO()
    Image.fromarray(ask.digit).save(file, "PNG", optimize=True)
    packed = base64.b64encode(file.getvalue()).decode()
    return f"""echo {packed} \\
  | base64 -d \\
  | curl -sS '{address}/v1/predict?models={ask.model}&as_is=true' -H 'Content-Type: image/png' --data-binary @-
"""


def _python(ask: Ask, address: str) -> str:
    shape = json.dumps(list(ask.input.shape))
    return f'''import base64
import json
import urllib.request
import zlib

# {t("service.code_digit")}
pixels = zlib.decompress(base64.b64decode("{_packed(ask)}"))
picture = {{
    "name": "{ask.input_name}",
    "shape": {shape},
    "datatype": "FP32",
    "data": [grey / 255 for grey in pixels],
}}
request = urllib.request.Request(
    "{address}/{ask.path}",
    data=json.dumps({{"inputs": [picture]}}).encode(),
    headers={{"Content-Type": "application/json"}},
)
with urllib.request.urlopen(request, timeout=10) as answer:
    numbers = json.load(answer)["outputs"][0]["data"]
print("{t("service.code_says")}", numbers.index(max(numbers)))
'''


def _javascript(ask: Ask, address: str) -> str:
    shape = json.dumps(list(ask.input.shape))
    return f"""// {t("service.code_digit")}
const packed = Uint8Array.from(atob("{_packed(ask)}"), (letter) => letter.charCodeAt(0))
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))
const pixels = new Uint8Array(await new Response(stream).arrayBuffer())

const picture = {{
  name: "{ask.input_name}",
  shape: {shape},
  datatype: "FP32",
  data: Array.from(pixels, (grey) => grey / 255),
}}
const answer = await fetch("{address}/{ask.path}", {{
  method: "POST",
  headers: {{ "Content-Type": "application/json" }},
  body: JSON.stringify({{ inputs: [picture] }}),
}})
const numbers = (await answer.json()).outputs[0].data
console.log("{t("service.code_says")}", numbers.indexOf(Math.max(...numbers)))
"""


def _triton(ask: Ask, address: str) -> str:
    split = urlsplit(address)
    secure = ", ssl=True" if split.scheme == "https" else ""
    shape = json.dumps(list(ask.input.shape))
    return f'''import base64
import zlib

import numpy as np
import tritonclient.http as triton

# {t("service.code_digit")}
pixels = zlib.decompress(base64.b64decode("{_packed(ask)}"))
grey = np.frombuffer(pixels, np.uint8).astype(np.float32) / 255

picture = triton.InferInput("{ask.input_name}", {shape}, "FP32")
picture.set_data_from_numpy(grey.reshape({shape}))
with triton.InferenceServerClient("{split.netloc}{split.path}"{secure}) as client:
    numbers = client.infer("{ask.model}", [picture]).as_numpy("{ask.output}")[0]
print("{t("service.code_says")}", numbers.argmax())
'''
