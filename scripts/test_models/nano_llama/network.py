"""The Llama architecture in PyTorch, as llama.cpp computes it: rotary pairs interleaved, output tied to embedding."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int = 352
    context: int = 768
    rope_base: float = 10000.0
    epsilon: float = 1e-5


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(width, shape.epsilon)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (
            nn.Linear(width, width, bias=False) for _ in range(4)
        )
        self.ffn_norm = nn.RMSNorm(width, shape.epsilon)
        self.ffn_gate, self.ffn_up = (nn.Linear(width, hidden, bias=False) for _ in range(2))
        self.ffn_down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """``x``: ``(batch, time, width)``; ``cos``, ``sin``: ``(time, head width / 2)``."""
        normed = self.attn_norm(x)
        query, key, value = (
            layer(normed).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        attended = functional.scaled_dot_product_attention(
            rotate(query, cos, sin), rotate(key, cos, sin), value, is_causal=True
        )
        x = x + self.attn_output(attended.transpose(1, 2).flatten(2))
        normed = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(normed)) * self.ffn_up(normed))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE (Su et al., 2021) on neighbouring pairs, which is llama.cpp's order for this architecture."""
    even, odd = x[..., ::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Llama(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, shape.epsilon)
        head = shape.width // shape.heads
        angles = torch.outer(
            torch.arange(shape.context), shape.rope_base ** (-torch.arange(0, head, 2, dtype=torch.float32) / head)
        )
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                deep = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.05 / (2 * shape.layers) ** 0.5 if deep else 0.05)

    def forward(self, numbers: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Logits ``(batch, time, vocabulary)``, or ``(n, vocabulary)`` of the positions where ``wanted`` is true."""
        x = self.token_embd(numbers)
        length = numbers.shape[1]
        for block in self.blk:
            x = block(x, self.cos[:length], self.sin[:length])
        x = self.output_norm(x if wanted is None else x[wanted])
        return functional.linear(x, self.token_embd.weight)
