"""What a model is fed, against NumPy, Pillow and what ONNX Runtime makes of text."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from glassbox.graph.metadata import with_metadata
from glassbox.input_error import InputError
from glassbox.inspection.commands import COMMANDS
from glassbox.inspection.pictures import PRESETS, guessed
from glassbox.inspection.requests import Given, Picture, Random, Read, Run, Source, Text, View
from tests.models import graph

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (12, 9, 3), np.uint8)


def same(kind: int, shape: list, metadata: dict | None = None) -> bytes:
    """A model that gives what it is fed."""
    x, y = (helper.make_tensor_value_info(name, kind, shape) for name in "xy")
    made = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", [x], [y])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, metadata or {})
    return model.SerializeToString()


def fed(data: bytes, source: Source | None = None, arrays: dict | None = None, **asked) -> np.ndarray:
    inputs = {} if source is None else {"x": source}
    answer = COMMANDS["run"](
        [data], Run(inputs=inputs, views=(View(tensor="x", most=4_000_000),), **asked), arrays or {}
    )
    json.dumps(answer.facts, allow_nan=False)
    (shown,) = answer.facts["values"]
    return np.array(shown["texts"]).reshape(shown["part"]) if "texts" in shown else answer.arrays["values/x"]


def refused(*asked, **more) -> str:
    with pytest.raises(InputError) as caught:
        fed(*asked, **more)
    return caught.value.code


def test_a_picture_is_normalised_as_imagenet_asks() -> None:
    data = same(TensorProto.FLOAT, ["N", 3, 12, 9])
    mean, std = PRESETS["imagenet"]["mean"], PRESETS["imagenet"]["std"]
    found = fed(data, Picture(array="p", mean=mean, std=std), {"p": PHOTO})
    expected = ((PHOTO / 255 - mean) / std).transpose(2, 0, 1)[None]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "how", "expected"),
    [
        (["N", 12, 9, 3], {"colours": "bgr"}, (PHOTO[..., ::-1] / 255)[None]),
        (["N", 12, 9, 3], {"std": (1 / 255,)}, PHOTO[None]),
        (["N", 1, 12, 9], {"invert": True}, 1 - (PHOTO @ [0.299, 0.587, 0.114] / 255)[None, None]),
        ([2, 3, 12, 9], {"mean": (0.5,), "std": (0.5,)}, np.repeat(PHOTO.transpose(2, 0, 1)[None] / 127.5 - 1, 2, 0)),
    ],
)
def test_colours_axes_and_range_are_those_asked_for(shape: list, how: dict, expected: np.ndarray) -> None:
    found = fed(same(TensorProto.FLOAT, shape), Picture(array="p", **how), {"p": PHOTO})
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_picture_is_scaled_as_pillow_does_and_clear_parts_are_white() -> None:
    clear = np.concatenate([PHOTO, np.zeros((12, 9, 1), np.uint8)], -1)
    np.testing.assert_allclose(fed(same(TensorProto.FLOAT, [1, 3, 12, 9]), Picture(array="p"), {"p": clear}), 1)
    found = fed(same(TensorProto.FLOAT, [1, 3, 24, 20]), Picture(array="p"), {"p": PHOTO})
    scaled = np.asarray(Image.fromarray(PHOTO).resize((20, 24), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(found[0].transpose(1, 2, 0) * 255, scaled, atol=1.01)  # Pillow rounds to bytes, twice


def test_a_picture_of_bytes_stays_bytes() -> None:
    found = fed(same(TensorProto.UINT8, [1, 12, 9, 3]), Picture(array="p", std=(1 / 255,)), {"p": PHOTO})
    np.testing.assert_array_equal(found[0], PHOTO)


@pytest.mark.parametrize(
    ("shape", "layout", "preset"),
    [
        (("N", 3, 224, 224), "NCHW", "imagenet"),
        ((1, "h", "w", 3), "NHWC", "imagenet"),
        (("N", 1, 28, 28), "NCHW", "mnist"),
        (("N", 28, 28), "NHW", "mnist"),
    ],
)
def test_what_takes_pictures_is_told_by_its_shape(shape: tuple, layout: str, preset: str) -> None:
    found = guessed(shape)
    assert found is not None and (found["layout"], found["preset"]) == (layout, preset)


@pytest.mark.parametrize("shape", [(1, 10), ("N", 16, 512), (1, 12, 64, 64), (1, 3, 2, 2), ("N", "T", "E")])
def test_what_takes_none_is_told_too(shape: tuple) -> None:
    assert guessed(shape) is None


def test_text_is_fed_as_it_is_or_by_the_files_vocabulary() -> None:
    lines = ("to be", "or not")
    found = fed(same(TensorProto.STRING, ["N", 1]), Text(lines=lines))
    assert found.tolist() == [["to be"], ["or not"]]
    words = {"vocabulary": json.dumps(["[PAD]", "[UNK]", "to", "be", "or"])}
    ids = fed(same(TensorProto.INT64, ["N", "T"], words), Text(lines=("to be or", "or not")))
    assert ids.tolist() == [[2, 3, 4], [4, 1, 0]]
    letters = {"alphabet": json.dumps({"a": 5, "b": 6})}
    assert fed(same(TensorProto.INT64, [1, 4], letters), Text(lines=("abba!",))).tolist() == [[5, 6, 6, 5]]
    assert refused(same(TensorProto.INT64, ["N", "T"]), Text(lines=lines)) == "no_vocabulary"


def test_text_goes_through_the_files_own_operators() -> None:
    """StringNormalizer and LabelEncoder, as files made of scikit-learn's pipelines hold them."""
    x = helper.make_tensor_value_info("x", TensorProto.STRING, ["N"])
    y = helper.make_tensor_value_info("y", TensorProto.INT64, ["N"])
    nodes = [
        helper.make_node("StringNormalizer", ["x"], ["low"], case_change_action="LOWER", locale="C"),
        helper.make_node(
            "LabelEncoder", ["low"], ["y"], domain="ai.onnx.ml", keys_strings=["yes", "no"], values_int64s=[1, 0]
        ),
    ]
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    made = helper.make_graph(nodes, "labels", [x], [y])
    data = helper.make_model(made, opset_imports=opsets, ir_version=9).SerializeToString()
    asked = Run(inputs={"x": Text(lines=("Yes", "NO"))}, views=(View(tensor="y"), View(tensor="low")))
    answer = COMMANDS["run"]([data], asked, {})
    assert answer.arrays["values/y"].tolist() == [1, 0]
    assert answer.facts["values"][1]["texts"] == ["yes", "no"]


@pytest.mark.parametrize(
    "kind", [TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.UINT8, TensorProto.BOOL]
)
def test_random_numbers_are_those_of_their_seed(kind: int) -> None:
    data = same(kind, ["N", 40])
    one, again, other = (fed(data, seed=seed, sizes={"N": 3}) for seed in (1, 1, 2))
    assert one.shape == (3, 40) and one.dtype == helper.tensor_dtype_to_np_dtype(kind)
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_random_numbers_stay_within_what_is_asked_and_what_is_looked_up() -> None:
    found = fed(same(TensorProto.FLOAT, [1000]), Random(low=2, high=3))
    assert 2 <= found.min() < 2.1 and 2.9 < found.max() <= 3
    whole = fed(same(TensorProto.INT32, [1000]), Random(low=-5, high=5))
    assert (whole.min(), whole.max()) == (-5, 5)
    nodes = [helper.make_node("Gather", ["table", "x"], ["y"])]
    ids = helper.make_tensor_value_info("x", TensorProto.INT64, ["N", "T"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "T", 2])
    table = helper.make_tensor("table", TensorProto.FLOAT, [7, 2], np.zeros(14))
    made = helper.make_graph(nodes, "lookup", [ids], [y], [table])
    data = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    assert set(fed(data, sizes={"T": 500}).ravel()) == set(range(7))
    assert COMMANDS["read"]([data], Read(), {}).facts["inputs"][0]["vocabulary"] == 7


def test_sizes_left_open_are_one_for_all_inputs() -> None:
    data = graph([helper.make_node("Add", ["a", "b"], ["y"])], {"a": ["N", "T"], "b": ["N", "T"]}, ["y"])
    answer = COMMANDS["run"]([data.SerializeToString()], Run(), {"b": np.zeros((2, 5), np.float32)})
    assert [one["shape"] for one in answer.facts["inputs"]] == [[2, 5], [2, 5]]
    assert [one["from"] for one in answer.facts["inputs"]] == ["random", "given"]


def test_a_batch_is_one_where_nobody_says() -> None:
    shapes = {"x": ["batch", "sequence"], "state": [2, "batch", 128], "cell": [2, None, 128]}
    data = graph(
        [helper.make_node("Relu", [name], [f"{name}_y"]) for name in shapes], shapes, ["x_y", "state_y", "cell_y"]
    )
    asked = COMMANDS["run"]([data.SerializeToString()], Run(sizes={"sequence": 5}), {}).facts["inputs"]
    assert [one["shape"] for one in asked] == [[1, 5], [2, 1, 128], [2, 1, 128]]


def test_floats_may_lose_bits_but_whole_numbers_nothing() -> None:
    assert fed(same(TensorProto.FLOAT, [2]), Given(array="x"), {"x": np.array([0.1, 2])}).dtype == np.float32
    assert refused(same(TensorProto.INT8, [1]), None, {"x": np.array([300])}) == "input_type"
    assert refused(same(TensorProto.INT64, [1]), None, {"x": np.array([0.5])}) == "input_type"
    assert fed(same(TensorProto.INT8, [1]), None, {"x": np.array([-7])}).tolist() == [-7]


@pytest.mark.parametrize(
    ("source", "arrays", "code"),
    [
        (Given(array="absent"), {}, "missing_array"),
        (Picture(array="p"), {"p": PHOTO.astype(np.float32)}, "no_picture"),
        (Picture(array="p", layout="NHW"), {"p": PHOTO}, "picture_layout"),
        (Picture(array="p", mean=(1.0, 2.0)), {"p": PHOTO}, "picture_channels"),
        (Picture(array="p", std=(0.0,)), {"p": PHOTO}, "picture_channels"),
    ],
)
def test_what_does_not_fit_has_its_code(source: Source, arrays: dict, code: str) -> None:
    assert refused(same(TensorProto.FLOAT, [1, 3, 12, 9]), source, arrays) == code


def test_an_input_that_would_fill_the_memory_is_refused() -> None:
    assert refused(same(TensorProto.FLOAT, ["N", "T"]), sizes={"N": 1_000_000, "T": 1_000_000}) == "inputs_too_large"
    with pytest.raises(InputError) as caught:
        COMMANDS["run"]([same(TensorProto.FLOAT, [2])], Run(inputs={"nobody": Random()}), {})
    assert caught.value.code == "unknown_input"


def looked_up(metadata: dict) -> bytes:
    """A model that gives the numbers of its tokens and how many there are in each line."""
    kinds = {"ids": (TensorProto.INT64, ["N", "T"]), "lengths": (TensorProto.INT32, ["N"])}
    ends = [helper.make_tensor_value_info(name, *kind) for name, kind in kinds.items()]
    outs = [helper.make_tensor_value_info(f"{name}_out", *kind) for name, kind in kinds.items()]
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in kinds]
    model = helper.make_model(helper.make_graph(nodes, "g", ends, outs), opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    helper.set_model_props(model, metadata)
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("tokens", "lines", "expected", "lengths"),
    [
        (["<padding>", "<unknown>", "a", "b"], ("ab", "cAb"), [[2, 3, 0], [1, 2, 3]], [2, 3]),
        (["<pad>", "<unk>", "it", "'s", "."], ("It's.", "it"), [[2, 3, 4], [2, 0, 0]], [3, 1]),
        (["<pad>", "[UNK]", "well-known", "x"], ("well-known y",), [[2, 1]], [2]),
    ],
    ids=["characters", "words and signs", "words"],
)
def test_text_becomes_the_numbers_of_the_files_own_tokens(
    tokens: list, lines: tuple, expected: list, lengths: list
) -> None:
    data = looked_up({"vocabulary": json.dumps(tokens)})
    answer = COMMANDS["run"]([data], Run(inputs={"ids": Text(lines=lines)}, ends=100), {})
    assert answer.arrays["values/ids"].tolist() == expected
    assert answer.arrays["values/lengths"].tolist() == lengths


def test_metadata_can_be_written_behind_a_file() -> None:
    data = with_metadata(
        looked_up({"first": "1"}), {"vocabulary": json.dumps(["a", "b"]), "labels": json.dumps(["x", "y"])}
    )
    assert {x.key: x.value for x in onnx.load_from_string(data).metadata_props}["first"] == "1"
    facts = COMMANDS["read"]([data], Read(), {}).facts
    assert (facts["tokens"], facts["labels"]) == (2, ["x", "y"])


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("names", "{0: 'person', 1: 'bicycle'}", ["person", "bicycle"]),
        ("id2label", '{"1": "dog", "0": "cat"}', ["cat", "dog"]),
        ("labels", '{"cat": 0, "dog": 1}', ["cat", "dog"]),
        ("classes", "cat, dog", ["cat", "dog"]),
        ("labels", "cat\ndog\n", ["cat", "dog"]),
        ("names", "{0: 'person', 7: 'bicycle'}", []),
        ("names", "__import__('os').system('true')", []),
        ("title", "a, b", []),
    ],
)
def test_labels_are_read_as_files_write_them(key: str, value: str, expected: list) -> None:
    data = same(TensorProto.FLOAT, ["N", 2], {key: value})
    assert COMMANDS["read"]([data], Read(), {}).facts["labels"] == expected


def test_single_numbers_and_states_are_guessed_from_the_graph_and_from_their_names() -> None:
    """As a detector of speech has them: samples, what it remembers, and how many samples there are in a second."""
    inputs = {"input": (1, ["N", "samples"]), "state": (1, [2, "N", 4]), "sr": (7, []), "kind": (7, [1])}
    ends = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
    weight = helper.make_tensor("eight", TensorProto.INT64, [], [8000])
    nodes = [
        helper.make_node("Squeeze", ["kind"], ["flat"]),
        helper.make_node("Equal", ["flat", "eight"], ["same"]),
        *(helper.make_node("Identity", [name], [f"{name}_out"]) for name in ("input", "state", "sr")),
    ]
    outs = [helper.make_tensor_value_info(f"{name}_out", *inputs[name]) for name in ("input", "state", "sr")]
    outs.append(helper.make_tensor_value_info("same", TensorProto.BOOL, []))
    made = helper.make_model(
        helper.make_graph(nodes, "g", ends, outs, [weight]), opset_imports=[helper.make_opsetid("", 18)], ir_version=10
    )
    data = made.SerializeToString()
    told = {one["name"]: one["likely"] for one in COMMANDS["read"]([data], Read(), {}).facts["inputs"]}
    assert told == {"input": None, "state": 0, "sr": 16_000, "kind": 8000}
    values = COMMANDS["run"]([data], Run(ends=10_000), {}).arrays
    assert values["values/input"].shape == (1, 512) and values["values/input"].std() > 0
    assert not values["values/state"].any() and values["values/sr"] == 16_000 and values["values/same"].all()
    values = COMMANDS["run"]([data], Run(ends=10_000, inputs={"sr": Random(low=8000, high=8000)}), {}).arrays
    assert values["values/sr"] == 8000


def ids(metadata: dict, *lines: str) -> list[list[int]]:
    data = same(TensorProto.INT64, ["N", "T"], {key: json.dumps(value) for key, value in metadata.items()})
    found: list[list[int]] = fed(data, Text(lines=lines)).tolist()
    return found


def test_words_are_cut_as_bert_cuts_them() -> None:
    """The example of https://github.com/google-research/bert, tokenization.py: "unaffable" is un, ##aff, ##able."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "!", "\u4f60", "naive"]
    assert ids({"vocab": tokens}, "Unaffable!", "\u4f60\u4f60 Na\u00efve x\u00d7y") == [
        [2, 4, 5, 6, 7, 3],
        [2, 8, 8, 9, 1, 3],
    ]
    whole = {"model": {"type": "WordPiece", "vocab": {token: place for place, token in enumerate(tokens)}}}
    assert ids({"tokenizer.json": whole}, "unaffable!") == [[2, 4, 5, 6, 7, 3]]


@pytest.mark.parametrize("merges", [["\u0120 l", "l o", "o w", "lo w", "e r"], [["l", "o"], ["lo", "w"], ["e", "r"]]])
def test_pairs_of_bytes_are_joined_as_gpt_2_joins_them(merges: list) -> None:
    """Worked by hand: the pair of the lowest rank goes first, wherever it stands in the word."""
    tokens = ["l", "o", "w", "e", "r", "\u0120", "\u0120l", "lo", "ow", "low", "er", "\u00c3", "\u00a9"]
    whole = {"model": {"type": "BPE", "vocab": {token: place for place, token in enumerate(tokens)}, "merges": merges}}
    names = [[tokens[place] for place in row if place] for row in ids({"tokenizer": whole}, "lower low\u00e9")]
    behind = ["\u0120l", "ow"] if len(merges) == 5 else ["\u0120", "low"]
    assert names == [["low", "er", *behind, "\u00c3", "\u00a9"]]


def test_a_tokenizer_of_another_kind_is_refused_by_its_name() -> None:
    whole = {"model": {"type": "Unigram", "vocab": [["<unk>", 0.0], ["\u2581a", -1.0]]}}
    data = same(TensorProto.INT64, ["N", "T"], {"tokenizer": json.dumps(whole)})
    assert COMMANDS["read"]([data], Read(), {}).facts["tokenizer"] == "unsupported"
    assert refused(data, Text(lines=("a",))) == "unknown_tokenizer"


def test_what_stands_beside_tokens_is_guessed() -> None:
    names = ("input_ids", "attention_mask", "token_type_ids", "bytes")
    shapes = {name: ["N", "T"] for name in names}
    ends = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name, shape in shapes.items()]
    outs = [helper.make_tensor_value_info(f"{name}_out", TensorProto.INT64, shape) for name, shape in shapes.items()]
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in shapes]
    made = helper.make_model(
        helper.make_graph(nodes, "g", ends, outs), opset_imports=[helper.make_opsetid("", 18)], ir_version=10
    )
    values = COMMANDS["run"]([made.SerializeToString()], Run(ends=1000), {}).arrays
    assert values["values/attention_mask"].all() and not values["values/token_type_ids"].any()
    assert set(values["values/input_ids"].ravel()) == {0, 1}
    assert 128 < values["values/bytes"].max() < 256


@pytest.mark.parametrize("sizes", [["batch", "length"], [None, None]], ids=["named", "nameless"])
def test_what_stands_beside_tokens_has_their_length_whichever_comes_first(sizes: list) -> None:
    names = ("attention_mask", "input_ids", "token_type_ids")
    ends = [helper.make_tensor_value_info(name, TensorProto.INT64, sizes) for name in names]
    outs = [helper.make_tensor_value_info(f"{name}_out", TensorProto.INT64, sizes) for name in names]
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in names]
    made = helper.make_model(
        helper.make_graph(nodes, "g", ends, outs), opset_imports=[helper.make_opsetid("", 18)], ir_version=10
    )
    helper.set_model_props(made, {"vocab": json.dumps(["[UNK]", "a", "b"])})
    answer = COMMANDS["run"]([made.SerializeToString()], Run(inputs={"input_ids": Text(lines=("aba", "b"))}), {})
    assert [one["shape"] for one in answer.facts["inputs"]] == [[2, 3]] * 3


def pictured(inputs: list, output: list, metadata: dict) -> bytes:
    """A model that gives zeros of the shape `output`, of which free sizes are 1, for a picture."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, inputs)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, output)
    sides = [size if type(size) is int else 1 for size in output]
    shape = helper.make_tensor("sides", TensorProto.FLOAT, [len(output)], sides)
    nodes = [
        helper.make_node("Cast", ["sides"], ["shape"], to=TensorProto.INT64),  # so that no inference tells the shape
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
        helper.make_node("Expand", ["largest", "shape"], ["y"]),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "g", [x], [y], [shape]), opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    )
    helper.set_model_props(model, metadata)
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("sides", "output", "metadata", "height", "width", "preset"),
    [
        (["?", "w"], ["N", "T", 97], {}, 48, 320, "symmetric"),
        (["?", "?"], ["N", 7, "M"], {"imgsz": "[320, 640]", "stride": "32"}, 320, 640, "unit"),
        (["?", "?"], ["N", 7, "M"], {"imgsz": "wide", "stride": "32"}, 224, 224, "imagenet"),
        (["?", "?"], ["N", 1000], {}, 224, 224, "imagenet"),
    ],
    ids=["PaddleOCR", "Ultralytics", "unreadable", "unknown"],
)
def test_a_picture_is_scaled_as_the_makers_of_the_model_scale_it(
    sides: list, output: list, metadata: dict, height: int, width: int, preset: str
) -> None:
    """Two sides that an exporter calls "?" are two sizes."""
    data = pictured(["N", 3, *sides], output, metadata)
    (told,) = COMMANDS["read"]([data], Read(), {}).facts["inputs"]
    assert told["picture"]["preset"] == preset
    assert [size for size in told["free"].values()] == [1, height, width]
    (one,) = COMMANDS["run"]([data], Run(), {}).facts["inputs"]
    assert one["shape"] == [1, 3, height, width]
