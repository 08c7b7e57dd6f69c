"""Inspection: what can be found out about any ONNX file from its bytes alone.

`requests` says what can be asked, `commands` answers: a command takes models, a request and arrays, and returns plain
facts and arrays, so that it can run in a process of its own. What it can't do it refuses by an InputError.
"""
