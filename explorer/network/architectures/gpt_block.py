"""The parts of a GPT: the weights of a block, norm, attention, and the gate of its modules."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_EPSILON = 1e-6
MEMORY = 0.8  # what a router keeps of the evidence of the token before
SHARPNESS = 8.0  # of the bias by distance: small weights must be able to tell distances apart


class Block(nn.Module):
    """Weights of one attention layer and one feed-forward layer; ``GPT.trace`` runs them."""

    def __init__(self, width: int, heads: int, feed_forward: int, gate: int, context: int) -> None:
        super().__init__()
        self.qkv = nn.Parameter(torch.empty(3 * width, width))  # rows: head after head, three times
        self.out = nn.Parameter(torch.empty(width, width))
        self.near = nn.Parameter(torch.zeros(heads, context))  # bias by head and distance
        self.up = nn.Parameter(torch.empty(feed_forward, width))
        self.down = nn.Parameter(torch.empty(width, feed_forward))
        # Routers of the two layers; they are no edges of the graph.
        self.routers = nn.Parameter(torch.empty(2, gate, width)) if gate else None

    def initialise(self, additions: int, generator: torch.Generator) -> None:
        """Draw weights from normal distributions of variance 1 / inputs.

        What is added to the residual stream is smaller, by the root of the number of additions, as
        in GPT-2; distance biases and routers start near 0.
        """
        with torch.no_grad():
            for weight in (self.qkv, self.out, self.up, self.down):
                scale = weight.shape[1] ** -0.5
                if weight is self.out or weight is self.down:
                    scale *= additions**-0.5
                weight.normal_(0.0, scale, generator=generator)
            self.near.normal_(0.0, 0.02, generator=generator)
            if self.routers is not None:
                self.routers.normal_(0.0, 0.02, generator=generator)


def norm(residual: Tensor) -> Tensor:
    """Divide by the root mean square over the last axis."""
    return F.rms_norm(residual, residual.shape[-1:], eps=_EPSILON)


def attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """What every head reads: softmax(q k / sqrt(size) + bias) v.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need, arXiv:1706.03762.
    """
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1) + bias
    read: Tensor = scores.softmax(dim=-1) @ v
    return read


def distances_back(
    length: int, context: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """How far back every position looks for every other, flat; which ones lie ahead.

    The third is the routers' memory: MEMORY to the power of the distance, 0 ahead.
    """
    at = torch.arange(length, device=device)
    back = at[:, None] - at[None, :]
    memory = torch.where(back >= 0, MEMORY ** back.clamp(min=0), 0.0)
    return back.clamp(0, context - 1).flatten(), back < 0, memory


def gates(logits: Tensor, size: int) -> Tensor:
    """What a layer of ``size`` heads or neurons is multiplied with, token by token.

    Parameters
    ----------
    logits : Tensor, shape (..., modules)
        Of the layer's router.
    size : int

    Returns
    -------
    Tensor, shape (..., size)
        The probability of the likeliest module for its own bin, 0 for all others.

    Examples
    --------
    >>> gates(torch.tensor([[0.0, 100.0]]), 4)
    tensor([[0., 0., 1., 1.]])
    """
    count = logits.shape[-1]
    likeliest, module = logits.softmax(dim=-1).max(dim=-1, keepdim=True)
    own = torch.arange(size, device=logits.device) * count // size
    passed: Tensor = likeliest * (own == module)
    return passed
