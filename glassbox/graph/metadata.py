"""Metadata: what a file says of itself beside its graph."""

from collections.abc import Mapping

from onnx import ModelProto, StringStringEntryProto


def with_metadata(model: bytes, entries: Mapping[str, str]) -> bytes:
    """Return the bytes of `model` with further entries of metadata, without parsing them: what stands behind a
    protobuf message is merged into it."""
    props = [StringStringEntryProto(key=key, value=value) for key, value in entries.items()]
    return model + bytes(ModelProto(metadata_props=props).SerializeToString())
