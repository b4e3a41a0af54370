"""Modules written as ONNX by torch."""

import warnings

import torch
from torch import nn


class _OfTexts(nn.Module):
    """Takes a mask too: without one, transformers asks things that TorchScript cannot write."""

    def __init__(self, module):
        super().__init__()
        self.network = module

    def forward(self, tokens, mask):
        """Run."""
        return self.network(input_ids=tokens, attention_mask=mask)[0]


def by_export(module, inputs, path, positions=6, **given):
    """Write by ``torch.export``, as today; ``inputs`` of None stand for tokens."""
    tokens = torch.zeros(1, positions, dtype=torch.long)
    if hasattr(module, "config"):
        args, named = (), {"input_ids": tokens, "use_cache": False}
    else:
        args, named = (tokens if inputs is None else inputs,), {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, not ours
        torch.onnx.export(module, args, path, kwargs=named, dynamo=True, verbose=False, **given)
    return path


def by_torchscript(module, inputs, path, positions=6):
    """Write by TorchScript, as older versions of torch do; texts of any length."""
    open_axes = {}
    tokens = torch.zeros(1, positions, dtype=torch.long)
    inputs = tokens if inputs is None else inputs
    if hasattr(module, "config"):
        module, inputs = _OfTexts(module).eval(), (tokens, torch.ones_like(tokens))
        open_axes = {"tokens": {0: "texts", 1: "places"}, "mask": {0: "texts", 1: "places"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            inputs,
            path,
            dynamo=False,
            verbose=False,
            input_names=list(open_axes) or None,
            dynamic_axes=open_axes or None,
        )
    return path
