"""ONNX Runtime as Glassbox uses it: sessions, providers, profiles."""
