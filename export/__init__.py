"""Training, conversion to ONNX and measurement of every model: `python -m export`. The app never imports this."""
