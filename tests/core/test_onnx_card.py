"""Cards in ONNX files, read without any library for them."""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import onnx
import pytest
from landsketch.core.card_files import read_card
from landsketch.core.cards import METADATA_KEY, Card, Normalisation, SourceCard
from landsketch.core.errors import CheckpointError
from landsketch.core.legend import ClassLegend
from landsketch.core.onnx_card import (
    FLOAT,
    FLOAT16,
    TILING_KEY,
    Port,
    Ports,
    Tiling,
    read_metadata,
    read_ports,
    read_tiling,
)
from onnx import TensorProto, helper

SCALING = Normalisation("3-sigma", (0.0, 10.5), (6000.0, 1.0), (0.0, 1.0))
CARD = Card(
    architecture={"encoder": {"name": "unet"}, "head": {"name": "linear"}},
    sources=(SourceCard("optical", "sentinel-2-l2a", ("B02", "B03"), "dn", 10.0, SCALING),),
    tile=256,
    halo=64,
    legend=ClassLegend.from_names(["Wasserfläche", "forêt 🌲"]),
    provenance={"note": "x" * 300},
)
TEXT = json.dumps(CARD.to_json(), ensure_ascii=False)


def model_bytes(metadata, weights=10):
    """Returns an ONNX file with a network that does nothing but has weights."""
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in ("a", "b")]
    constant = helper.make_tensor("w", TensorProto.FLOAT, [weights], b"\x08" * 4 * weights, raw=True)
    graph = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "g", ports[:1], ports[1:], [constant])
    model = helper.make_model(graph, producer_name="test", opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, metadata)
    return model.SerializeToString()


def written(folder, content):
    path = Path(folder, "m.onnx")
    path.write_bytes(content)
    return str(path)


def test_the_card_comes_back(tmp_path):
    assert read_card(written(tmp_path, model_bytes({METADATA_KEY: TEXT}))) == CARD


def test_the_suffix_may_be_in_capitals(tmp_path):
    path = tmp_path / "M.ONNX"
    path.write_bytes(model_bytes({METADATA_KEY: TEXT}))
    assert read_card(str(path)) == CARD


@pytest.mark.parametrize("weights", [0, 10, 31, 32, 5000, 600_000])
def test_metadata_is_what_onnx_reads(tmp_path, weights):
    """Weights of different sizes: lengths of one to four bytes."""
    path = written(
        tmp_path, model_bytes({"a": "1", "": "no key", "empty": "", "ü": "ß\n", METADATA_KEY: TEXT}, weights)
    )
    assert read_metadata(path) == {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert len(read_metadata(path)) == 5


def test_the_network_is_not_read(tmp_path):
    """It may have gigabytes; here it is a hole in the file."""
    size = 300_000_000
    path = tmp_path / "m.onnx"
    metadata = bytes([14 << 3 | 2, 6, 1 << 3 | 2, 1]) + b"k" + bytes([2 << 3 | 2, 1]) + b"v"
    with open(path, "wb") as file:
        file.write(bytes([1 << 3, 8, 7 << 3 | 2]) + varint(size))
        file.seek(size, 1)
        file.write(bytes([8 << 3 | 2, 2, 2 << 3, 17]) + metadata)
    tracemalloc.start()
    try:
        assert read_metadata(str(path)) == {"k": "v"}
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def varint(number):
    """Writes a number as protobuf does."""
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def test_no_part_of_a_file_passes_for_the_whole(tmp_path):
    content = model_bytes({METADATA_KEY: TEXT})
    path = written(tmp_path, content)
    for length in range(len(content)):
        Path(path).write_bytes(content[:length])
        with pytest.raises(CheckpointError):
            read_card(path)


def test_a_truncated_file_is_called_so(tmp_path):
    content = model_bytes({METADATA_KEY: TEXT}, weights=5000)
    with pytest.raises(CheckpointError, match=r"truncated.*Copy it again"):
        read_card(written(tmp_path, content[:9000]))
    with pytest.raises(CheckpointError, match=r"truncated.*Copy it again"):
        read_card(written(tmp_path, content[:-1]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"\xff" * 100,
        b"PK\x03\x04" + b"x" * 500,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        b"\x40\x00\x00\x00\x00\x00\x00\x00" + b'{"__metadata__":{}}'.ljust(64),
        bytes([1 << 3, 8]) * 200_000,
    ],
    ids=["empty", "zeros", "ones", "zip", "Git LFS", "safetensors", "endless fields"],
)
def test_what_is_no_onnx_model_is_refused(tmp_path, content):
    with pytest.raises(CheckpointError, match="is not a"):
        read_card(written(tmp_path, content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        read_card(str(tmp_path / "m.onnx"))
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_card(str(tmp_path / "folder.onnx"))


def test_a_model_that_says_nothing_of_itself_is_named_and_what_to_do(tmp_path):
    path = written(tmp_path, model_bytes({"producer": "x"}))
    with pytest.raises(CheckpointError, match="without a LandSketch card") as caught:
        read_card(path)
    assert "Choose a network that LandSketch exported" in caught.value.hint
    with pytest.raises(CheckpointError, match="nothing on tiling"):
        read_tiling(path)


def described_model(path, inputs, outputs, weights=1000):
    """Writes a model with the given ports (name, type, shape), and returns its path."""
    ports = [[helper.make_tensor_value_info(*port) for port in some] for some in (inputs, outputs)]
    constant = helper.make_tensor("w", TensorProto.FLOAT, [weights], b"\x08" * 4 * weights, raw=True)
    old = helper.make_tensor_value_info("w", TensorProto.FLOAT, [weights])
    node = helper.make_node("Identity", [inputs[0][0]], [outputs[0][0]])
    graph = helper.make_graph([node], "g", [*ports[0], old], ports[1], [constant])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    return written(path, model.SerializeToString())


def test_ports_are_what_onnx_reads(tmp_path):
    """With sizes that are fixed, named and unknown, and a weight that is listed among the inputs."""
    image = ("ü image", TensorProto.FLOAT, ["batch", 3, 70_000, None])
    other = ("other", TensorProto.FLOAT16, [])
    path = described_model(tmp_path, [image, other], [("mask", TensorProto.UINT8, [1, 2, 3])])
    assert read_ports(path) == Ports(
        (Port("ü image", FLOAT, (0, 3, 70_000, 0)), Port("other", FLOAT16, ())),
        (Port("mask", TensorProto.UINT8, (1, 2, 3)),),
    )


def test_ports_of_a_truncated_file_are_not_read(tmp_path):
    path = described_model(tmp_path, [("a", TensorProto.FLOAT, ["n", 3])], [("b", TensorProto.FLOAT, ["n"])])
    content = Path(path).read_bytes()
    for length in range(0, len(content), 7):
        Path(path).write_bytes(content[:length])
        with pytest.raises(CheckpointError):
            read_ports(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": 1}'])
def test_a_damaged_card_is_refused(tmp_path, text):
    with pytest.raises(CheckpointError, match=r"damaged|schema None"):
        read_card(written(tmp_path, model_bytes({METADATA_KEY: text})))


def test_metadata_that_is_no_text_is_refused(tmp_path):
    content = model_bytes({METADATA_KEY: "CARD"}).replace(b"CARD", b"\xff\xfe\xfd\xfc")
    with pytest.raises(CheckpointError, match="damaged"):
        read_card(written(tmp_path, content))


def test_tiling_comes_back(tmp_path):
    tiling = Tiling(alignment=16, ramp=32, side=640, scale=255.0)
    assert read_tiling(written(tmp_path, model_bytes({TILING_KEY: json.dumps(tiling.to_json())}))) == tiling


def test_a_tiling_of_an_earlier_version_takes_canonical_units(tmp_path):
    text = '{"alignment": 16, "ramp": 32, "side": 0}'
    assert read_tiling(written(tmp_path, model_bytes({TILING_KEY: text}))).scale == 1


@pytest.mark.parametrize("text", ["", "[]", "7", '{"alignment": 16}', '{"alignment": "x", "ramp": 0, "side": 0}'])
def test_a_damaged_tiling_is_refused(tmp_path, text):
    with pytest.raises(CheckpointError, match=r"tiling of .* damaged"):
        read_tiling(written(tmp_path, model_bytes({TILING_KEY: text})))


def test_reading_needs_the_standard_library_only(tmp_path):
    path = written(tmp_path, model_bytes({METADATA_KEY: TEXT}))
    code = "import sys; from landsketch.core.card_files import read_card; print(read_card(sys.argv[1]).tile)"
    site = Path(__file__).resolve().parents[2] / ".dev" / "site"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, path], cwd=site, capture_output=True, text=True, check=True
    )
    assert done.stdout == "256\n"
