"""ONNX files that mean harm, each made at test time: what they would read, take or end."""

from tests.hostile.model_files import broken, growing, other, reaching
from tests.hostile.model_files.building import MADE

__all__ = ["MADE", "broken", "growing", "other", "reaching"]
