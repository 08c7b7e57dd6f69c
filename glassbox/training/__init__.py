"""Training in ONNX Runtime, a few steps at a time."""
