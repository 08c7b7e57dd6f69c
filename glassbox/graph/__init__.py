"""ONNX graphs in, ONNX graphs out. Nothing in this package runs a model."""
