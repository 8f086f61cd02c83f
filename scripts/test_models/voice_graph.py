"""The voice as an ONNX graph: ids → phones → pairs → runs of grains → overlap-add."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 18, 9  # any onnxruntime since 1.15
SLOWEST, FASTEST = 10.0, 0.1


@dataclass(frozen=True)
class Tables:
    """What the graph looks up. Ids are 0…i−1, phones 0…p−1, grains 0…g−1; phone 0 is none, phone 1 silence."""

    known: np.ndarray
    """bool ``(i,)``: false for ids that are skipped as if they were not there."""
    single: np.ndarray
    """uint8 ``(i,)``: the phone of an id by itself."""
    merged: np.ndarray
    """uint8 ``(i · i,)``: the phone of an id and the next one together, as in "oʊ"; 0 where they are two."""
    stressed: np.ndarray
    """uint8 ``(p,)``: the stressed form of a phone."""
    stress_id: int
    rest: np.ndarray
    """uint8 ``(i,)``: silent grains after an id."""
    last_rest: int
    elastic: np.ndarray
    """bool ``(p,)``: whether the second half of a phone may be stretched."""
    first: np.ndarray
    """int32 ``(p · p, 2)``: first grain of the two halves of a pair."""
    count: np.ndarray
    """uint8 ``(p · p, 2)``: grains in them."""
    marks: np.ndarray
    """int32 ``(g,)``: first sample of a grain in ``codes``."""
    codes: np.ndarray
    """uint8 ``(n,)``: sound, as indices of ``levels``."""
    levels: np.ndarray
    """float32 ``(256,)``."""
    period: int


class Graph:
    """Nodes in the order they are added; every operator's output is a new name, or several."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def const(self, value: Any, dtype: Any = np.int64) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def __getattr__(self, operator: str) -> Any:
        def add(*inputs: str, outputs: int = 1, **attributes: Any) -> Any:
            name = f"t{len(self.nodes)}"
            names = [name] if outputs == 1 else [f"{name}_{place}" for place in range(outputs)]
            self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
            return name if outputs == 1 else names

        return add

    def look_up(self, table: np.ndarray, index: str) -> str:
        """An int64 of a table of whole numbers."""
        return str(self.Cast(self.Gather(self.const(table, table.dtype), index, axis=0), to=TensorProto.INT64))

    def slice(self, tensor: str, start: int, end: int) -> str:
        return str(self.Slice(tensor, self.const([start]), self.const([end]), self.const([0])))


def build(tables: Tables) -> onnx.ModelProto:
    """Piper's inputs, and its output: float32 ``(1, 1, 1, samples)``."""
    graph = Graph()
    phones, rests = phones_of(graph, tables)
    grains = grains_of(graph, tables, phones, rests)
    overlap_add(graph, tables, grains)
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "samples"])
    body = helper.make_graph(graph.nodes, "nano-voice", inputs, [output], graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model


def phones_of(g: Graph, tables: Tables) -> tuple[str, str]:
    """int64 ``(m,)`` twice: the phones, and the silent grains that follow each."""
    size = tables.known.size
    zero, end = g.const([0]), g.const(np.iinfo(np.int64).max)
    ids = g.Slice(g.Squeeze("input", zero), zero, "input_lengths", zero)
    inside = g.And(g.GreaterOrEqual(ids, zero), g.Less(ids, g.const([size])))
    ids = g.Where(inside, ids, zero)
    ids = g.Compress(ids, g.Gather(g.const(tables.known, bool), ids), axis=0)
    padded = g.Concat(zero, ids, zero, axis=0)
    before, after = g.slice(padded, 0, -2), g.Slice(padded, g.const([2]), g.Unsqueeze(end, zero), zero)
    table = g.const(tables.merged, np.uint8)
    together = g.Cast(g.Gather(table, g.Add(g.Mul(ids, g.const(size)), after)), to=TensorProto.INT64)
    taken = g.Cast(g.Gather(table, g.Add(g.Mul(before, g.const(size)), ids)), to=TensorProto.BOOL)
    merges = g.And(g.Greater(together, zero), g.Not(taken))
    swallowed = g.slice(g.Concat(g.const([False], bool), merges, axis=0), 0, -1)
    phones = g.Where(merges, together, g.look_up(tables.single, ids))
    stressed = g.Equal(before, g.const(tables.stress_id))
    phones = g.Where(stressed, g.look_up(tables.stressed, phones), phones)
    phones = g.Where(swallowed, zero, phones)
    spoken = g.Greater(phones, zero)
    return g.Compress(phones, spoken, axis=0), g.Compress(g.look_up(tables.rest, ids), spoken, axis=0)


def grains_of(g: Graph, tables: Tables, phones: str, rests: str) -> str:
    """int64 ``(k,)``: the grains of every pair of phones, first half, second half, rest; stretched by the scale."""
    one = g.const([1])
    padded = g.Concat(one, phones, one, axis=0)
    left = g.slice(padded, 0, -1)
    right = g.Slice(padded, one, g.const([np.iinfo(np.int64).max]), g.const([0]))
    pair = g.Add(g.Mul(left, g.const(tables.elastic.size)), right)
    rest = g.Unsqueeze(g.Concat(rests, g.const([tables.last_rest]), axis=0), one)
    flat = g.const([-1])
    count = g.Reshape(g.Concat(g.look_up(tables.count, pair), rest, axis=1), flat)
    first = g.Reshape(g.Concat(g.look_up(tables.first, pair), g.Sub(rest, rest), axis=1), flat)
    elastic = g.Unsqueeze(g.Gather(g.const(tables.elastic, bool), left), one)
    always = g.Equal(elastic, elastic)
    elastic = g.Reshape(g.Concat(elastic, always, always, axis=1), flat)

    scale = g.Slice("scales", one, g.const([2]), g.const([0]))
    scale = g.Clip(scale, g.const(FASTEST, np.float32), g.const(SLOWEST, np.float32))
    stretched = g.Cast(g.Round(g.Mul(g.Cast(count, to=TensorProto.FLOAT), scale)), to=TensorProto.INT64)
    stretched = g.Where(elastic, g.Max(stretched, g.Min(count, one)), count)
    ends = g.CumSum(stretched, g.const(0))
    starts = g.Sub(ends, stretched)
    total = g.ReduceSum(stretched, keepdims=0)
    marks = g.Expand(g.const([0]), g.Add(g.Unsqueeze(total, g.const([0])), one))
    begun = g.ScatterElements(marks, starts, g.Add(g.Sub(starts, starts), one), axis=0, reduction="add")
    run = g.Sub(g.slice(g.CumSum(begun, g.const(0)), 0, -1), one)
    inside = g.Sub(g.Range(g.const(0), total, g.const(1)), g.Gather(starts, run))
    step = g.Div(g.Mul(inside, g.Gather(count, run)), g.Gather(stretched, run))
    return str(g.Add(g.Gather(first, run), step))


def overlap_add(g: Graph, tables: Tables, grains: str) -> None:
    """Grains of two periods under a Hann window, one period apart."""
    period = tables.period
    window = np.hanning(2 * period + 1)[:-1]
    place = g.Add(g.Unsqueeze(g.look_up(tables.marks, grains), g.const([1])), g.const(np.arange(2 * period)))
    codes = g.Cast(g.Gather(g.const(tables.codes, np.uint8), place), to=TensorProto.INT32)
    sound = g.Mul(g.Gather(g.const(tables.levels, np.float32), codes), g.const(window, np.float32))
    rising = g.Slice(sound, g.const([0]), g.const([period]), g.const([1]))
    falling = g.Slice(sound, g.const([period]), g.const([2 * period]), g.const([1]))
    nothing = g.const(np.zeros((1, period)), np.float32)
    mixed = g.Add(g.Concat(rising, nothing, axis=0), g.Concat(nothing, falling, axis=0))
    g.nodes.append(helper.make_node("Reshape", [mixed, g.const([1, 1, 1, -1])], ["output"]))
