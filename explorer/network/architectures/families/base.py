"""What the explorer must know of a family of transformers: roles of tensors, by name."""

from dataclasses import dataclass

# Weight matrices of a block behind its edges, in the order of ``Transformer.matrices``.
BLOCK_ROLES = ("query", "key", "value", "out", "gate", "up", "down")


@dataclass(frozen=True)
class Family:
    """Where a family of transformers keeps what the explorer asks for.

    Names of tensors and modules are those of transformers, counted from the body (the network
    without its head) or, for the parts of a block, from the block.

    Attributes
    ----------
    model_type : str
        What ``config.json`` calls the family.
    title : str
        For people.
    config, network, bare : str
        Classes of transformers: of the settings, of the network, and of the network without its
        head ("" where it is always opened with it).
    body : str
        Under which name the network keeps its body.
    embedding : str
        The matrix of token embeddings.
    blocks : str
        The list of blocks.
    query, key, value, out, up, down : str
        Modules of a block. Those of query, key and value are one where ``fused`` says so.
    gate : str
        "" where feed-forward layers have no gate.
    fused : {"", "stacked", "by head"}
        Whether query, key and value are one matrix, and in which order its rows are.
    transposed : bool
        Whether matrices are kept as (in, out).
    norms : tuple of str
        The norms that attention and feed-forward layer read the residual stream through.
    first_norm : str
        Where a block's attention reads the stream through the last norm of the block before: the
        norm that the first block reads through. Else "".
    norms_after : tuple of str
        Norms of what attention and feed-forward layer write, or () where there are none.
    head_norms : tuple of str
        Norms of queries and keys, or ().
    final_norm : str
        The norm whose input is the residual stream behind all blocks; "" where the stream leaves
        the last block normed.
    unit_gain : float
        What is added to the weights of a norm to give its gains.
    positions : str
        The setting that says how many tokens there are places for; "" where places are rotated and
        have no end.
    tied : tuple of (str, str)
        Tensors of the head that are others of the body where embeddings are tied.
    always_tied : tuple of (str, str)
        Tensors that are always another one.
    keys : tuple of str
        All settings that change what the network computes.
    older : tuple of str
        Names under which older files give some of them.
    """

    model_type: str
    title: str
    config: str
    network: str
    body: str
    embedding: str
    blocks: str
    query: str
    key: str
    value: str
    out: str
    up: str
    down: str
    norms: tuple[str, str]
    final_norm: str
    keys: tuple[str, ...]
    bare: str = ""
    gate: str = ""
    fused: str = ""
    transposed: bool = False
    first_norm: str = ""
    norms_after: tuple[str, ...] = ()
    head_norms: tuple[str, ...] = ()
    unit_gain: float = 0.0
    tied: tuple[tuple[str, str], ...] = ()
    always_tied: tuple[tuple[str, str], ...] = ()
    older: tuple[str, ...] = ()
    positions: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """Those of ``BLOCK_ROLES`` that the family has."""
        return tuple(role for role in BLOCK_ROLES if getattr(self, role))
