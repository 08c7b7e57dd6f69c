"""models/ as a Triton model repository: its folders, and each configuration by Triton's own schema and by the model."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import onnx
import pytest
from google.protobuf import message_factory, text_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from onnx import helper

from export import triton
from glassbox.engine.session import Session
from glassbox.paths import MODELS

NAMES = sorted(path.parent.name for path in MODELS.glob("*/card.json"))
ALONE = [name for name in NAMES if "text_" in name or "char_" in name or name == "poet_zh_gru"]
"""Those with a tensor that has one number for each text."""


FIELDS = {
    "ModelConfig": """
        name 1 string; backend 17 string; max_batch_size 4 int32; input 5 ModelInput*; output 6 ModelOutput*;
        dynamic_batching 11 ModelDynamicBatching; parameters 14 ParametersEntry*
    """,
    "ModelInput": "name 1 string; data_type 2 DataType; dims 4 int64*",
    "ModelOutput": "name 1 string; data_type 2 DataType; dims 3 int64*",
    "ModelDynamicBatching": "",
    "ParametersEntry": "key 1 string; value 2 ModelParameter",
    "ModelParameter": "string_value 1 string",
}
"""Of Triton's model_config.proto the messages that are used here, each field with its number and type (*: repeated)."""
TYPES = {"TYPE_INT32": 8, "TYPE_INT64": 9, "TYPE_FP16": 10, "TYPE_FP32": 11}
"""Of its enumeration DataType."""


@pytest.fixture(scope="module")
def schema() -> Any:
    """What FIELDS say, as protobuf takes it: any other field, type or value is an error."""
    file = FileDescriptorProto(name="used.proto", package="used", syntax="proto3")
    file.enum_type.add(name="DataType").value.add(name="TYPE_INVALID", number=0)
    for name, number in TYPES.items():
        file.enum_type[0].value.add(name=name, number=number)
    for message, fields in FIELDS.items():
        made = file.message_type.add(name=message)
        for name, number, kind in (field.split() for field in fields.split(";") if field.strip()):
            field = made.field.add(name=name, number=int(number), label=3 if kind.endswith("*") else 1)
            kind = kind.removesuffix("*")
            if kind in ("string", "int32", "int64"):
                field.type = getattr(FieldDescriptorProto, f"TYPE_{kind.upper()}")
            else:
                field.type_name = f".used.{kind}"
    messages = message_factory.GetMessages([file], pool=DescriptorPool())
    return messages["used.ModelConfig"]


def test_the_schema_is_triton_s(schema: Any) -> None:
    """Its client carries the whole of it; the rest of that package does not install beside the app."""
    found = importlib.util.find_spec("tritonclient")
    if found is None or not found.submodule_search_locations:
        pytest.skip("tritonclient is not installed")
    file = Path(found.submodule_search_locations[0]) / "grpc" / "model_config_pb2.py"
    spec = importlib.util.spec_from_file_location("model_config_pb2", file)
    assert spec is not None and spec.loader is not None
    whole = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(whole)
    assert {name: whole.DataType.Value(name) for name in TYPES} == TYPES

    def agrees(ours: Any, theirs: Any) -> None:
        for field in ours.fields:
            other = theirs.fields_by_name[field.name]
            assert (field.number, field.is_repeated) == (other.number, other.is_repeated), field.full_name
            assert field.type == other.type, field.full_name
            if field.message_type:
                assert field.message_type.name == other.message_type.name
                agrees(field.message_type, other.message_type)

    agrees(schema.DESCRIPTOR, whole.ModelConfig.DESCRIPTOR)
    for name in NAMES:  # and Triton's own class takes each file
        text_format.Parse((MODELS / name / triton.FILE).read_text(encoding="utf-8"), whole.ModelConfig())


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_says_what_the_model_takes_and_gives(name: str, schema: Any) -> None:
    config = text_format.Parse((MODELS / name / triton.FILE).read_text(encoding="utf-8"), schema())
    session = Session(MODELS / name / "1" / "model.onnx")
    assert (config.name, config.backend) == (name, "onnxruntime")
    assert (config.max_batch_size == 0) == (name in ALONE)
    shapes, types = session.inputs | session.output_shapes, session.types | session.output_types
    assert [one.name for one in config.input] == list(session.inputs)
    assert [one.name for one in config.output] == list(session.outputs)
    for tensor in [*config.input, *config.output]:
        wanted = [size if isinstance(size, int) else -1 for size in shapes[tensor.name]]
        assert ([-1] if config.max_batch_size else []) + list(tensor.dims) == wanted
        assert tensor.dims, "Triton takes no tensor without sizes"
        kind = types[tensor.name].replace("float", "fp").upper()
        assert tensor.data_type == TYPES[f"TYPE_{kind}"]
    assert config.HasField("dynamic_batching") == (name not in ALONE and "int8_dynamic" not in name)
    (parameter,) = config.parameters
    assert (parameter.key, parameter.value.string_value) == ("intra_op_thread_count", "1")


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_is_the_one_that_export_writes(name: str) -> None:
    model = onnx.load(MODELS / name / "1" / "model.onnx")
    assert (MODELS / name / triton.FILE).read_text(encoding="utf-8") == triton.configuration(name, model)


def test_the_folders_are_those_of_a_repository() -> None:
    for folder in (path for path in MODELS.iterdir() if path.is_dir()):
        versions = [path.name for path in folder.iterdir() if path.is_dir() and re.fullmatch(r"[1-9]\d*", path.name)]
        assert versions == ["1"] and (folder / "1" / "model.onnx").is_file()
        assert folder.name in NAMES


def test_inputs_with_a_default_and_other_batches() -> None:
    """An input that is an initialiser too is none to Triton; where two tensors do not share rows, none is a batch."""
    float32 = onnx.TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info(name, float32, [size, 2]) for name, size in (("a", "N"), ("b", "M"))]
    output = helper.make_tensor_value_info("c", float32, ["N", 2])
    graph = helper.make_graph([], "g", [*inputs, helper.make_tensor_value_info("w", float32, [2])], [output])
    graph.initializer.append(helper.make_tensor("w", float32, [2], [1, 2]))
    text = triton.configuration("m", helper.make_model(graph))
    assert "max_batch_size: 0" in text and '"w"' not in text and "dynamic_batching" not in text
    assert 'input { name: "b" data_type: TYPE_FP32 dims: [ -1, 2 ] }' in text
