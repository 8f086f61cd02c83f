"""A Piper voice of the size "medium" that hisses: VITS as ONNX, with random weights.

The shapes are those of Piper's training code (VITS, https://arxiv.org/abs/2106.06103, with HiFi-GAN's smaller residual
blocks); only the duration predictor's splines are left out, and a phoneme always lasts three hops, 35 ms.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from scripts.test_models import voice_graph

RATE_HZ, HOPS_A_PHONEME = 22_050, 3
WIDTH, FFN, HEADS, LAYERS = 192, 768, 2, 6
FLOWS, FLOW_LAYERS = 4, 4
DURATION_STACKS, STACK_LAYERS = 5, 3
CHANNELS, RATES, KERNELS = 256, (8, 8, 4), (16, 16, 8)
BLOCKS = ((3, (1, 2)), (5, (2, 6)), (7, (3, 12)))
"""Kernel and dilations of the residual blocks after each upsampling."""
OPSET, IR_VERSION = 17, 8

rng = np.random.default_rng(0)


class Graph(voice_graph.Graph):
    """With the layers of such a network."""

    def conv(self, x: str, rows: int, columns: int, kernel: int = 1, *, dilation: int = 1, group: int = 1) -> str:
        """A convolution over time that keeps the length. Weights keep the size of what passes."""
        weight = rng.standard_normal((rows, columns // group, kernel)) / np.sqrt(columns // group * kernel)
        pad = (kernel - 1) * dilation // 2
        inputs = (x, self.const(weight, np.float32), self.const(np.zeros(rows), np.float32))
        return str(self.Conv(*inputs, dilations=[dilation], group=group, pads=[pad, pad]))

    def norm(self, x: str) -> str:
        """Layer normalisation over the channels."""
        ones, zeros = self.const(np.ones(WIDTH), np.float32), self.const(np.zeros(WIDTH), np.float32)
        last = self.Transpose(x, perm=[0, 2, 1])
        return str(self.Transpose(self.LayerNormalization(last, ones, zeros, axis=-1), perm=[0, 2, 1]))

    def number(self, value: float) -> str:
        return self.const(value, np.float32)


def write(path: Path) -> None:
    """Write the voice and, beside it, its settings."""
    g = Graph()
    hidden = encoder(g)
    hidden = g.Add(hidden, g.Mul(durations(g, hidden), g.number(1e-6)))  # the real ones decide lengths instead
    sound = decoder(g, flow(g, latent(g, hidden)))
    g.nodes.append(helper.make_node("Unsqueeze", [sound, g.const([1])], ["output"]))
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch_size", 1, 1, "time"])
    graph = helper.make_graph(g.nodes, "medium-size", inputs, [output], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    settings = {
        "audio": {"sample_rate": RATE_HZ, "quality": "medium"},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": 256,
        "num_speakers": 1,
    }
    path.with_name(path.name + ".json").write_text(json.dumps(settings), encoding="utf-8")


def encoder(g: Graph) -> str:
    """Phoneme ids to ``(1, 192, n)``."""
    table = g.const(rng.standard_normal((256, WIDTH)), np.float32)
    x = str(g.Transpose(g.Gather(table, "input"), perm=[0, 2, 1]))
    for _ in range(LAYERS):
        x = g.norm(g.Add(x, attention(g, x)))
        inner = g.conv(g.Relu(g.conv(x, FFN, WIDTH, 3)), WIDTH, FFN, 3)
        x = g.norm(g.Add(x, inner))
    return x


def attention(g: Graph, x: str) -> str:
    """Self-attention with two heads."""
    split = g.const([0, HEADS, WIDTH // HEADS, -1])
    q, k, v = (g.Reshape(g.conv(x, WIDTH, WIDTH), split) for _ in range(3))
    scores = g.Mul(g.MatMul(g.Transpose(q, perm=[0, 1, 3, 2]), k), g.number((WIDTH // HEADS) ** -0.5))
    mixed = g.MatMul(v, g.Transpose(g.Softmax(scores, axis=-1), perm=[0, 1, 3, 2]))
    return g.conv(g.Reshape(mixed, g.const([0, WIDTH, -1])), WIDTH, WIDTH)


def durations(g: Graph, x: str) -> str:
    """Stacks of dilated, separable convolutions."""
    for _ in range(DURATION_STACKS):
        for layer in range(STACK_LAYERS):
            deep = g.norm(g.conv(x, WIDTH, WIDTH, 3, dilation=3**layer, group=WIDTH))
            x = str(g.Add(x, g.Relu(g.norm(g.conv(g.Relu(deep), WIDTH, WIDTH)))))
    return x


def latent(g: Graph, hidden: str) -> str:
    """Mean and deviation of every hop, and a sample of it: ``(1, 192, 3n)``."""
    long = g.Tile(g.Unsqueeze(g.conv(hidden, 2 * WIDTH, WIDTH), g.const([3])), g.const([1, 1, 1, HOPS_A_PHONEME]))
    mean, deviation = g.Split(g.Reshape(long, g.const([0, 2 * WIDTH, -1])), outputs=2, axis=1)
    noise = g.Mul(g.RandomNormalLike(mean, seed=0.0), g.Exp(g.Tanh(deviation)))
    return str(g.Add(mean, g.Mul(noise, g.number(0.667))))


def flow(g: Graph, z: str) -> str:
    """Coupling layers, each with a stack of gated convolutions."""
    half = WIDTH // 2
    for _ in range(FLOWS):
        kept, changed = g.Split(z, outputs=2, axis=1)
        x = g.conv(kept, WIDTH, half)
        total = x
        for layer in range(FLOW_LAYERS):
            gate, signal = g.Split(g.conv(x, 2 * WIDTH, WIDTH, 5), outputs=2, axis=1)
            acts = g.Mul(g.Tanh(signal), g.Sigmoid(gate))
            if layer == FLOW_LAYERS - 1:
                total = g.Add(total, g.conv(acts, WIDTH, WIDTH))
            else:
                rest, skip = g.Split(g.conv(acts, 2 * WIDTH, WIDTH), outputs=2, axis=1)
                x, total = g.Add(x, rest), g.Add(total, skip)
        z = g.Concat(g.Sub(changed, g.conv(total, half, WIDTH)), kept, axis=1)
    return z


def decoder(g: Graph, z: str) -> str:
    """Hops to samples: ``(1, 1, 256 · hops)``."""
    x, channels = g.conv(z, CHANNELS, WIDTH, 7), CHANNELS
    for rate, kernel in zip(RATES, KERNELS, strict=True):
        weight = rng.standard_normal((channels, channels // 2, kernel)) / np.sqrt(channels * kernel / rate)
        pad = (kernel - rate) // 2
        x = g.ConvTranspose(g.LeakyRelu(x, alpha=0.1), g.const(weight, np.float32), strides=[rate], pads=[pad, pad])
        channels //= 2
        outs = [residual(g, x, channels, kernel, dilations) for kernel, dilations in BLOCKS]
        x = g.Mul(g.Sum(*outs), g.number(1 / len(BLOCKS)))
    return str(g.Tanh(g.conv(g.LeakyRelu(x, alpha=0.01), 1, channels, 7)))


def residual(g: Graph, x: str, channels: int, kernel: int, dilations: tuple[int, ...]) -> str:
    for dilation in dilations:
        x = g.Add(x, g.conv(g.LeakyRelu(x, alpha=0.1), channels, channels, kernel, dilation=dilation))
    return x
