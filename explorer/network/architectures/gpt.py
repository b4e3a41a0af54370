"""A small GPT whose attention heads, feed-forward neurons and residual dimensions are nodes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import (
    MAX_LAYERS,
    MAX_NODES,
    Activity,
    Edit,
    Layer,
    Network,
    Trace,
)
from explorer.network.architectures.gpt_block import (
    SHARPNESS,
    Block,
    attention,
    distances_back,
    gates,
    norm,
)

_MAX_WEIGHTS = 2_000_000_000


class GPT(Network):
    """A decoder-only transformer: causal attention and ReLU feed-forward layers on one residual.

    Nodes are residual dimensions (one node for all depths, since a dimension is the same place
    everywhere), heads (their query, key, value and output weights merged: the softmax makes them
    inseparable) and feed-forward neurons. Embedding, unembedding and routers are outside the graph.

    Root-mean-square norms have no gains: a gain would only scale columns of the weights that read
    the norm. Positions enter by a learned bias on attention, one a head and a distance. There are
    no other biases.

    With a gate of k modules, residual dimensions, heads and neurons lie in k contiguous bins. In
    every attention and every feed-forward layer a router gives token t probabilities of the modules
    g = softmax(sum_s .8^(t - s) R x_s) over the tokens s up to t, x the normed residual: a "the" by
    itself belongs nowhere. Heads or neurons of the likeliest module pass, times its probability,
    and all others are 0.

    Parameters
    ----------
    tokens : int
        Size of the vocabulary.
    width : int
        Residual dimensions.
    heads : int
        Attention heads of a block; a divisor of ``width``.
    feed_forward : sequence of int
        Neurons of every block's feed-forward layer: as many blocks as entries.
    gate : int
        Number of modules of the gate; 0 for none.
    context : int
        Distances that the attention bias tells apart; farther tokens count as the farthest.

    References
    ----------
    Radford et al. (2019), GPT-2. Zhang and Sennrich (2019), Root mean square layer normalization,
    arXiv:1910.07467. Raffel et al. (2020), T5, arXiv:1910.10683: the bias by distance. Fedus et al.
    (2021), Switch transformers, arXiv:2101.03961: the gate that takes the likeliest module.

    Examples
    --------
    >>> network = GPT(tokens=146, width=64, heads=8, feed_forward=(256, 256))
    >>> network(torch.zeros(2, 64, dtype=torch.long)).shape, network.shape
    (torch.Size([2, 64, 146]), '64-8-256-8-256')
    """

    kind: ClassVar[str] = "gpt"
    reads: ClassVar[str] = "tokens"
    example_axes: ClassVar[int] = 2
    is_chain: ClassVar[bool] = False

    def __init__(
        self,
        tokens: int,
        width: int = 64,
        heads: int = 8,
        feed_forward: Sequence[int] = (256, 256),
        gate: int = 0,
        context: int = 64,
    ) -> None:
        super().__init__()
        self.sizes = (tokens, width, heads, tuple(int(size) for size in feed_forward))
        self.gate, self.context = gate, context
        self._check()
        self.embedding = nn.Parameter(torch.empty(tokens, width))
        self.unembedding = nn.Parameter(torch.empty(tokens, width))
        self.blocks = nn.ModuleList(
            Block(width, heads, size, gate, context) for size in feed_forward
        )
        self.initialise(torch.Generator().manual_seed(0))

    @property
    def neuron_layers(self) -> tuple[Layer, ...]:
        """The residual stream, then heads and feed-forward neurons of every block."""
        _, width, heads, feed_forward = self.sizes
        layers = [Layer("residual stream", "residual", width)]
        for number, size in enumerate(feed_forward, start=1):
            layers.append(Layer(f"heads {number}", "hidden", heads))
            layers.append(Layer(f"feed-forward {number}", "hidden", size))
        return tuple(layers)

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """From the residual stream to every layer and back."""
        layers = range(1, 2 * len(self.blocks) + 1)
        return tuple(link for layer in layers for link in ((0, layer), (layer, 0)))

    @property
    def matrices(self) -> tuple[Tensor, ...]:
        """Query, key, value, output, in and out weights of every block."""
        return tuple(
            matrix
            for block in self._blocks()
            for matrix in (*block.qkv.chunk(3), block.out, block.up, block.down)
        )

    def magnitudes(self, activity: Activity | None = None) -> tuple[Tensor, ...]:
        """|W|, summed over the query, key and value rows or the output columns of a head."""
        heads, found = self.sizes[2], []
        for index, block in enumerate(self._blocks()):
            weights = [w.abs() for w in (block.qkv, block.out, block.up, block.down)]
            if activity is not None:
                means = activity.mean[4 * index : 4 * index + 4]
                weights = [w * mean for w, mean in zip(weights, means, strict=True)]
            qkv, out, up, down = weights
            found += [
                qkv.reshape(3, heads, -1, qkv.shape[1]).sum(dim=(0, 2)),
                out.reshape(len(out), heads, -1).sum(dim=2),
                up,
                down,
            ]
        return tuple(found)

    @property
    def edge_weights(self) -> tuple[Tensor, ...]:
        """The weights of neurons; of heads, the sums of |weights| that an edge stands for."""
        shown = list(self.magnitudes())
        for index, block in enumerate(self._blocks()):
            shown[4 * index + 2 : 4 * index + 4] = [block.up, block.down]
        return tuple(shown)

    def without_edges(self, masks: Sequence[Tensor]) -> Self:
        """Copy the network with the weights behind some edges set to zero."""
        size, cut = self.sizes[1] // self.sizes[2], []
        for at in range(0, len(masks), 4):
            into_heads = masks[at].repeat_interleave(size, dim=0)
            out_of_heads = masks[at + 1].repeat_interleave(size, dim=1)
            cut += [into_heads] * 3 + [out_of_heads, masks[at + 2], masks[at + 3]]
        return self.with_matrices(
            [w.masked_fill(mask, 0.0) for w, mask in zip(self.matrices, cut, strict=True)]
        )

    def trace(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network on tokens of shape (examples, positions).

        Layers of the trace: the residual stream behind the last block, of shape (examples,
        positions, width), then for every block what its heads pass on, of shape (examples,
        positions, numbers a head, heads), and its feed-forward neurons. Sites: what the weights of
        the links read: normed residual, head outputs side by side, normed residual, neurons.
        With a gate, ``extra["gate"]`` holds the logits of the routers, of shape (layers, examples,
        positions, modules).
        """

        def edited(layer: int, activations: Tensor) -> Tensor:
            return activations if edit is None else edit(layer, activations)

        heads = self.sizes[2]
        residual = F.embedding(inputs, self.embedding)
        distances, ahead, memory = distances_back(inputs.shape[1], self.context, inputs.device)
        layers, sites, routed = [residual], [], []
        for block in self._blocks():
            normed = norm(residual)
            qkv = F.linear(normed, block.qkv).reshape(*inputs.shape, 3, heads, -1)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (examples, heads, positions, numbers)
            near = (SHARPNESS * block.near).index_select(1, distances).reshape(heads, *ahead.shape)
            passed = attention(q, k, v, near.masked_fill(ahead, -torch.inf)).permute(0, 2, 3, 1)
            if block.routers is not None:
                routed.append(memory @ F.linear(normed, block.routers[0]))
                passed = passed * gates(routed[-1], heads)[:, :, None]
            passed = edited(len(layers), passed)
            side_by_side = passed.transpose(2, 3).flatten(2)
            residual = residual + F.linear(side_by_side, block.out)
            layers.append(passed)
            sites += [normed, side_by_side]

            normed = norm(residual)
            active = F.linear(normed, block.up).relu()
            if block.routers is not None:
                routed.append(memory @ F.linear(normed, block.routers[1]))
                active = active * gates(routed[-1], active.shape[-1])
            active = edited(len(layers), active)
            residual = residual + F.linear(active, block.down)
            layers.append(active)
            sites += [normed, active]
        layers[0] = edited(0, residual)
        logits = F.linear(norm(layers[0]), self.unembedding)
        extra = {"gate": torch.stack(routed)} if routed else {}
        return Trace(logits, tuple(layers), tuple(sites), extra)

    def neurons_behind(self, layer: int) -> int:
        """A head stands for as many neurons as it has numbers."""
        return self.sizes[1] // self.sizes[2] if layer % 2 else 1

    def initialise(self, generator: torch.Generator) -> None:
        """Draw all weights anew; see ``Block.initialise``. Embeddings have variance 1 / 4."""
        with torch.no_grad():
            self.embedding.normal_(0.0, 0.5, generator=generator)
            self.unembedding.normal_(0.0, self.sizes[1] ** -0.5 / 2, generator=generator)
            for block in self._blocks():
                block.initialise(2 * len(self.blocks), generator)

    def bins(self, count: int) -> NDArray[np.int64]:
        """Labels of all nodes that put every layer into contiguous bins of like size.

        Those of ``count = gate`` are the modules of the gate.

        Examples
        --------
        >>> GPT(tokens=9, width=4, heads=2, feed_forward=(6,)).bins(2).tolist()
        [0, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1]
        """
        sizes = [layer.size for layer in self.neuron_layers]
        return np.concatenate([np.arange(size) * count // size for size in sizes])

    def describe(self) -> dict[str, Any]:
        """The architecture as plain data."""
        tokens, width, heads, feed_forward = self.sizes
        return {
            "kind": self.kind,
            "tokens": tokens,
            "width": width,
            "heads": heads,
            "feed_forward": list(feed_forward),
            "gate": self.gate,
            "context": self.context,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Make the network of these ``tokens``, ``width``, ``heads`` and ``feed_forward``."""
        names = ("tokens", "width", "heads")
        numbers = {name: description.get(name) for name in names}
        numbers |= {"gate": description.get("gate", 0), "context": description.get("context", 64)}
        feed_forward = description.get("feed_forward")
        listed = feed_forward if isinstance(feed_forward, list) else [None]
        for value in (*numbers.values(), *listed):
            if type(value) is not int or not 0 <= value <= 10**6:
                raise ArchitectureError(
                    f"found a GPT of {dict(description)!r:.120}; expected whole numbers for "
                    f"tokens, width and heads, and a list of them for feed_forward"
                )
        return cls(feed_forward=listed, **numbers)  # type: ignore[arg-type]

    @property
    def input_size(self) -> int:
        """Tokens in the vocabulary."""
        return self.sizes[0]

    output_size = input_size

    def _blocks(self) -> list[Block]:
        return [block for block in self.blocks if isinstance(block, Block)]

    def _check(self) -> None:
        tokens, width, heads, feed_forward = self.sizes
        if not feed_forward or min(tokens, width, heads, self.context, *feed_forward) < 1:
            raise ArchitectureError(
                f"found a GPT of {tokens} tokens, {width} dimensions, {heads} heads and "
                f"feed-forward layers {list(feed_forward)!r:.40}; expected at least one of each"
            )
        if width % heads:
            raise ArchitectureError(
                f"found {width} dimensions for {heads} heads; expected a multiple of the heads"
            )
        nodes = width + sum(heads + size for size in feed_forward)
        weights = 2 * tokens * width + sum(4 * width**2 + 2 * width * s for s in feed_forward)
        weights += len(feed_forward) * (heads * self.context + 2 * self.gate * width)
        if nodes > MAX_NODES or weights > _MAX_WEIGHTS or len(feed_forward) > MAX_LAYERS:
            raise ArchitectureError(
                f"found a GPT of {nodes:,} nodes and {weights:,} weights in {len(feed_forward):,} "
                f"blocks; expected at most {MAX_NODES:,}, {_MAX_WEIGHTS:,} and {MAX_LAYERS:,}"
            )
        if self.gate == 1 or self.gate > min(heads, *feed_forward):
            raise ArchitectureError(
                f"found a gate of {self.gate} modules for {heads} heads; expected 0 for none, or "
                f"2 to the number of heads and neurons"
            )
