"""Transformers of known families, run by the code of the transformers library."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from typing import Any, ClassVar, Self

from torch import Tensor

from explorer.errors import ArchitectureError, TaskError
from explorer.network.architectures.base import Activity, Change, Edit, Layer, Trace
from explorer.network.architectures.cut_weights import CutWeights
from explorer.network.architectures.transformer_hooks import Recorder, recording
from explorer.network.architectures.transformer_kept import KeptInModule
from explorer.network.architectures.transformer_module import feed_forward, heads_of
from explorer.network.architectures.transformer_weights import BlockWeights

_LOGITS_AT_ONCE = 300 * 2**20  # bytes
_ACTIVATIONS_AT_ONCE = 500 * 2**20


class Transformer(KeptInModule):
    """A transformer of a known family, its heads, neurons and residual dimensions as nodes.

    Nodes are as those of ``GPT``: residual dimensions (one node for all depths), heads and
    feed-forward neurons. Embeddings, the head on top and biases are outside the graph. An edge
    between a residual dimension and a head stands for all its query, key and value weights (or
    output weights); keys and values that several heads share count for each of them. An edge from a
    dimension to a neuron with a gate stands for the weight of the gate and the one beside it. Gains
    of norms count as parts of the weights that read through them (of a norm behind a layer, of the
    weights that write through it), so that gains and weights that are rescaled against each other
    change nothing.

    The weights keep the kind of number of their file, and may be memory-mapped; they are not to be
    changed in place, other than by ``load_state_dict``. The first run of a network in half
    precision makes a copy in single precision. A new network has no weights before
    ``load_state_dict`` or ``initialise``.

    Parameters
    ----------
    family : str
        One of ``FAMILIES``.
    config : mapping
        Settings as in a ``config.json``. Only those that the family knows are read.
    head : bool
        Whether it gives logits of tokens; without a head (only BERT) it gives what its last block
        passes on.

    Raises
    ------
    ArchitectureError
        If there is no such family, or the settings make no network.

    Examples
    --------
    >>> sizes = {"vocab_size": 30, "hidden_size": 16, "intermediate_size": 24, "head_dim": 4}
    >>> counts = {
    ...     "num_hidden_layers": 2,
    ...     "num_attention_heads": 4,
    ...     "num_key_value_heads": 2,
    ... }
    >>> import torch
    >>> network = Transformer("llama", sizes | counts)
    >>> network.initialise(torch.Generator().manual_seed(0))
    >>> network(torch.zeros(1, 8, dtype=torch.long)).shape, network.shape
    (torch.Size([1, 8, 30]), '16 x 2 blocks of 4 heads and 24')
    """

    kind: ClassVar[str] = "transformer"
    reads: ClassVar[str] = "tokens"
    example_axes: ClassVar[int] = 2
    is_chain: ClassVar[bool] = False
    streams: ClassVar[bool] = True

    @property
    def neuron_layers(self) -> tuple[Layer, ...]:
        """The residual stream, then heads and feed-forward neurons of every block."""
        layers = [Layer("residual stream", "residual", self.width)]
        for number in range(1, self.block_count + 1):
            layers.append(Layer(f"heads {number}", "hidden", self.heads))
            layers.append(Layer(f"feed-forward {number}", "hidden", feed_forward(self._config)))
        return tuple(layers)

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """From the residual stream to every layer and back."""
        layers = range(1, 2 * self.block_count + 1)
        return tuple(link for layer in layers for link in ((0, layer), (layer, 0)))

    @property
    def matrices(self) -> tuple[Tensor, ...]:
        """Query, key, value, output, gate (if any), up and down weights of every block.

        All of shape (out, in), in the file's kind of number. They are views of the weights, but for
        GPT-NeoX: its queries, keys and values lie head by head in one matrix.
        """
        roles = self.family.roles
        return tuple(b.matrix(role) for b in self._blocks() for role in roles)

    def magnitudes(self, activity: Activity | None = None) -> tuple[Tensor, ...]:
        """Sizes of the edges of all links; see the class, and ``link_magnitude`` for one."""
        return tuple(self.link_magnitude(link, activity) for link in range(4 * self.block_count))

    def link_magnitude(
        self, link: int, activity: Activity | None = None, change: Change | None = None
    ) -> Tensor:
        """Sizes of the edges of one link, from nothing but the matrices behind it."""
        block, part = divmod(link, 4)
        return BlockWeights(self.family, self.body, block).magnitude(part, activity, change)

    @property
    def edge_weights(self) -> tuple[Tensor, ...]:
        """Weights with their signs where an edge is a single weight; else its size."""
        return tuple(self.edge_weight(link) for link in range(4 * self.block_count))

    def edge_weight(self, link: int) -> Tensor:
        """What ``edge_weights`` gives for one link."""
        block, part = divmod(link, 4)
        return BlockWeights(self.family, self.body, block).signed(part)

    def without_edges(self, masks: Sequence[Tensor]) -> Self:
        """Copy the network with the weights behind some edges set to zero.

        Keys and values that several heads share are cut from a dimension only if all these heads
        are: a cut of some takes their queries alone.
        """
        cut = [mask for block in self._blocks() for mask in block.cut(masks)]
        return self.with_matrices(
            [w.masked_fill(mask, 0.0) for w, mask in zip(self.matrices, cut, strict=True)]
        )

    def running_without(self, masks: Sequence[Tensor]) -> Self:
        """Give a network that runs as ``without_edges`` does, and shares all weights with this.

        Asked for its weights, it gives those of the whole network.
        """
        made = copy(self)
        made._single = self._single  # the copy that runs is shared as well
        made._cut = self._by_name([matrix for b in self._blocks() for matrix in b.cut(masks)])
        return made

    def trace(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network on tokens of shape (examples, positions).

        Layers and sites of the trace are as those of ``GPT.trace``: the residual stream behind the
        last block; of every block the heads, of shape (examples, positions, numbers a head,
        heads), and the feed-forward neurons.
        """
        recorder = Recorder(self.heads, edit)
        found = self._run(inputs, recorder, self._running())
        outputs = found.logits if self.head else found.last_hidden_state
        return Trace(outputs, *recorder.found(self.block_count), {})

    def inside(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run as ``trace`` does, without the head: ``outputs`` is empty."""
        recorder = Recorder(self.heads, edit)
        self._run(inputs, recorder, self._running_body())
        return Trace(inputs.new_empty(0), *recorder.found(self.block_count), {})

    def activations(self, inputs: Tensor, edit: Edit | None = None) -> tuple[Tensor, ...]:
        """What every layer of neurons does, without the head."""
        recorder = Recorder(self.heads, edit, keeps_sites=False)
        self._run(inputs, recorder, self._running_body())
        return recorder.found(self.block_count)[0]

    def examples_at_once(self, positions: int = 1) -> int:
        """Run as many that logits and activations stay below some hundred megabytes."""
        logits = 4 * positions * self.output_size
        return max(1, min(_LOGITS_AT_ONCE // logits, self.examples_inside(positions)))

    def examples_inside(self, positions: int = 1) -> int:
        """Run as many that activations stay below some hundred megabytes."""
        heads, _, size = heads_of(self._config)
        block = 2 * self.width + 2 * heads * size + feed_forward(self._config)
        activations = 4 * positions * (self.width + self.block_count * block)
        return max(1, min(_ACTIVATIONS_AT_ONCE // activations, 512))

    def neurons_behind(self, layer: int) -> int:
        """A head stands for as many neurons as it has numbers."""
        return heads_of(self._config)[2] if layer % 2 else 1

    def with_matrices(self, matrices: Sequence[Tensor]) -> Self:
        """Copy the network with other tensors in the place of ``matrices``; the rest is shared."""
        return self._like({**self.state_dict(), **self._by_name(matrices)})

    def describe(self) -> dict[str, Any]:
        """The architecture as plain data."""
        found = {"kind": self.kind, "family": self.family.model_type, "config": self.settings}
        return found if self.head else {**found, "head": False}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Make the network of this ``family`` and ``config``, without weights."""
        family, config = description.get("family"), description.get("config")
        if not isinstance(family, str) or not isinstance(config, Mapping):
            raise ArchitectureError(
                f"found a transformer described as {dict(description)!r:.120}; expected its family "
                f"and config"
            )
        return cls(family, config, description.get("head", True) is not False)

    @property
    def input_size(self) -> int:
        """Tokens in the vocabulary."""
        return int(self._config.vocab_size)

    @property
    def output_size(self) -> int:
        """Tokens in the vocabulary; residual dimensions where there is no head."""
        return self.input_size if self.head else self.width

    @property
    def shape(self) -> str:
        """Its size in a few characters, for tables."""
        blocks = f"{self.block_count} block{'s' if self.block_count > 1 else ''}"
        return f"{self.width} x {blocks} of {self.heads} heads and {feed_forward(self._config)}"

    @property
    def most_positions(self) -> int:  # type: ignore[override]
        """Tokens that it has places for."""
        return int(self.settings[self.family.positions]) if self.family.positions else 10**9

    @property
    def names_next(self) -> bool:  # type: ignore[override]
        """Whether it names the next token: BERT names those that it reads."""
        return self.family.model_type != "bert"

    def _run(self, inputs: Tensor, recorder: Recorder, module: Any) -> Any:
        if inputs.shape[-1] > self.most_positions:
            raise TaskError(
                f"found texts of {inputs.shape[-1]} tokens for a network that reads at most "
                f"{self.most_positions}; expected shorter ones"
            )
        with recording(recorder), self._cutting():
            return module(input_ids=inputs, use_cache=False)

    def _cutting(self) -> AbstractContextManager[object]:
        if not self._cut:
            return nullcontext()
        running = self._running()
        weights = [running.get_parameter(name) for name in self._cut]
        return CutWeights(weights, list(self._cut.values()))

    def _by_name(self, matrices: Sequence[Tensor]) -> dict[str, Tensor]:
        """Sort what has the shapes of ``matrices`` by the names of the parameters that hold it."""
        found, count = {}, len(self.family.roles)
        for block in self._blocks():
            own = matrices[count * block.index : count * (block.index + 1)]
            for name, tensor in block.replaced(own).items():
                place = f"{self._prefix}{self.family.blocks}.{block.index}.{name}"
                found[place] = tensor.detach()
        return found

    def _blocks(self) -> list[BlockWeights]:
        return [BlockWeights(self.family, self.body, i) for i in range(self.block_count)]
