"""How to write an adapter in 30 lines.

A file of weights holds names and numbers, and seldom says what network they make. An *adapter*
knows one architecture by the names and shapes of its tensors and makes a ``Network`` of them: then
the graph, modules, pages and exports work for it as for every other. This page makes one for
networks that no adapter here knows. Its lines are run by the tests.

If the network is at hand as an ``nn.Module``, no adapter is needed: ``explorer.load(module,
example_input=x)`` sees for itself how its layers are joined. Nor is one needed for an ONNX file.

**The network.** Rows of numbers go through a ``stem``, then through blocks in which one half opens
or shuts the other (a gate) before it is added to what came in, then through a ``head``:

>>> import torch
>>> from torch import nn
>>> from torch.nn import functional as F
>>> class Block(nn.Module):
...     def __init__(self, width, inner):
...         super().__init__()
...         self.gate = nn.Linear(width, inner)
...         self.value = nn.Linear(width, inner)
...         self.back = nn.Linear(inner, width)
...
...     def forward(self, x):
...         return x + self.back(F.silu(self.gate(x)) * self.value(x))
>>> class Gated(nn.Module):
...     def __init__(self):
...         super().__init__()
...         self.stem = nn.Linear(6, 8)
...         self.mix = nn.ModuleList([Block(8, 12), Block(8, 12)])
...         self.head = nn.Linear(8, 3)
...
...     def forward(self, x):
...         x = self.stem(x)
...         for block in self.mix:
...             x = block(x)
...         return self.head(x)

Its ``state_dict`` has the names ``stem.weight``, ``stem.bias``, ``mix.0.gate.weight``, ...

**The adapter.** ``recognises`` looks at names, shapes and settings (``content.shapes``,
``content.config``) and must not be fooled by other architectures. ``open`` writes down what the
network does, step by step: every step is given the numbers of the values that it reads (0 is the
input) and gives the number of its own. ``Plan`` takes tensors by name and says in one sentence what
is missing or has another shape.

>>> from explorer.network.adapters import Adapter, register_adapter
>>> from explorer.network.adapters.plan import Plan
>>> from explorer.network.architectures.dataflow_forms import network_from
>>> class GatedAdapter(Adapter):
...     name = "Gated network"
...     needs = "stem, mix.0, mix.1, ... (each a gate, value and back) and head"
...
...     def recognises(self, content):
...         return {"stem.weight", "mix.0.gate.weight", "head.weight"} <= set(content.shapes)
...
...     def open(self, content, name):
...         plan = Plan(content, name, content.shapes["stem.weight"][1:])
...         value, block = plan.linear(0, "stem"), 0
...         while plan.has(f"mix.{block}.gate.weight"):
...             gate = plan.recipe.add("silu", plan.linear(value, f"mix.{block}.gate"))
...             other = plan.linear(value, f"mix.{block}.value")
...             opened = plan.recipe.add("multiply", (gate, other))
...             value = plan.recipe.add("add", (value, plan.linear(opened, f"mix.{block}.back")))
...             block += 1
...         plan.linear(value, "head")
...         plan.check_all_used(self.name)
...         return network_from(plan.recipe)

**Try it.** From here on, files of such networks open. The first test of an adapter is that the
network gives the outputs of the original:

>>> import tempfile
>>> from pathlib import Path
>>> import explorer, explorer.errors
>>> register_adapter(GatedAdapter())
>>> original = Gated()
>>> path = Path(tempfile.mkdtemp()) / "gated.pt"
>>> torch.save(original.state_dict(), path)
>>> checkpoint = explorer.load(path)
>>> x = torch.randn(5, 6)
>>> torch.allclose(checkpoint.network(x), original(x), atol=1e-6)
True

What is added up or multiplied is one node, so the 8 numbers that go through all blocks are one
layer, shared by all depths, as the residual dimensions of a transformer are:

>>> graph = explorer.network_graph(checkpoint, weighting="layer")
>>> [(layer.name, layer.size) for layer in graph.layers]
[('inputs', 6), ('hidden 1', 8), ('hidden 2', 12), ('hidden 3', 12), ('outputs', 3)]

The second test is a file that lacks something:

>>> state = original.state_dict()
>>> del state["mix.1.back.weight"]
>>> torch.save(state, path)
>>> try:
...     explorer.load(path)
... except explorer.errors.ArchitectureError as problem:
...     print(problem)
gated.pt has no tensor 'mix.1.back.weight'; expected one of 2 axes

**Other kinds of network.** Kinds of steps are listed in
``explorer.network.architectures.dataflow_steps.KINDS``. ``Plan`` has convolutions, batch norms and
poolings too; ``explorer/network/adapters/vgg.py`` and ``resnet.py`` are adapters of that kind. Of a
decoder or encoder that computes what a family of transformers computes, under names of its own,
rename the tensors and return a ``Transformer``, as ``nanogpt.py`` does; ``settings`` are then what
a ``config.json`` would say. What such a network computes and no step or family does, no adapter can
open.

**To keep an adapter**, add it to the list in ``explorer/network/adapters/__init__.py``, before
those that recognise more than they should, and a test with the two checks above.
"""
