"""Measurements, each beside its peer or its limit: `python -m benchmarks.NAME`."""

import glassbox  # noqa: F401 (sets ORT_DISABLE_TELEMETRY before onnxruntime is imported)
