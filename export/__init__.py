"""Training, conversion to ONNX and measurement of every model: `python -m export`. The app never imports this."""

import glassbox  # noqa: F401 (sets ORT_DISABLE_TELEMETRY before onnxruntime is imported)
