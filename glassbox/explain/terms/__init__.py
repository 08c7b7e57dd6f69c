"""Where a number came from: the terms of any cell of an ONNX model, and the thread back to the input."""
