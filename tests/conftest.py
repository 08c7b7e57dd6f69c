"""What holds for all tests: nothing that they import reports home."""

import glassbox  # noqa: F401 (sets ORT_DISABLE_TELEMETRY before any test imports onnxruntime)
