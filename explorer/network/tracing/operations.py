"""What every operation of torch that is known here amounts to in steps."""

import torch

from explorer.network.tracing import arithmetic, moving
from explorer.network.tracing.calls import Operation, Value

OPERATIONS: dict[str, Operation] = {
    **dict.fromkeys(
        (
            *("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "clone"),
            *("contiguous", "detach", "alias", "lift_fresh", "to", "_to_copy", "identity"),
        ),
        arithmetic.same,
    ),
    **{
        kind: arithmetic.simple(kind)
        for kind in ("relu", "selu", "silu", "mish", "tanh", "sigmoid", "hardswish", "hardsigmoid")
    },
    "leaky_relu": arithmetic.simple("leaky_relu", slope="negative_slope"),
    "prelu": arithmetic.prelu,
    "elu": arithmetic.elu,
    "gelu": arithmetic.simple("gelu", approximate="approximate"),
    "softplus": arithmetic.simple("softplus", beta="beta", threshold="threshold"),
    "relu6": lambda call: call.add("clamp", {"low": 0, "high": 6}),
    "hardtanh": arithmetic.clamp,
    "clamp": arithmetic.clamp,
    "softmax": arithmetic.softmax_over("softmax"),
    "_softmax": arithmetic.softmax_over("softmax"),
    "log_softmax": arithmetic.softmax_over("log_softmax"),
    "_log_softmax": arithmetic.softmax_over("log_softmax"),
    "glu": moving.gated,
    "add": arithmetic.joined("add"),
    "sub": arithmetic.joined("subtract"),
    "mul": arithmetic.joined("multiply"),
    "div": arithmetic.divide,
    "neg": lambda call: call.add("affine", scale=torch.full((1,), -1.0)),
    "pow": arithmetic.power,
    "square": lambda call: Value(call.recipe.add("multiply", (call.value(), call.value()))),
    "linear": arithmetic.linear,
    "matmul": arithmetic.matmul,
    "mm": arithmetic.matmul,
    "addmm": arithmetic.addmm,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "convolution"), arithmetic.convolution),
    "batch_norm": arithmetic.batch_norm,
    "instance_norm": arithmetic.instance_norm,
    "group_norm": arithmetic.group_norm,
    "layer_norm": arithmetic.layer_norm,
    "rms_norm": arithmetic.rms_norm,
    **{f"max_pool{places}d": moving.pool("max_pool", places) for places in (1, 2, 3)},
    **{f"avg_pool{places}d": moving.pool("average_pool", places) for places in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": moving.adaptive("adaptive_average", n) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": moving.adaptive_maximum(n) for n in (1, 2, 3)},
    "mean": moving.over_axes("mean"),
    "amax": moving.over_axes("maximum"),
    "max": moving.largest,
    "sum": moving.summed,
    **dict.fromkeys(
        ("flatten", "view", "reshape", "_unsafe_view", "unflatten", "squeeze", "unsqueeze"),
        moving.reshape,
    ),
    "permute": lambda call: moving.permuted(call, call["dims"]),
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), moving.transpose),
    "slice": moving.sliced,
    "select": moving.select,
    **dict.fromkeys(("chunk", "split", "split_with_sizes"), moving.parts),
    **dict.fromkeys(("cat", "concat", "concatenate"), moving.concatenate),
    **dict.fromkeys(("pad", "constant_pad_nd"), moving.pad),
}
