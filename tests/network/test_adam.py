"""Adam moves weights as torch's own does, and keeps torch's compiler out."""

import subprocess
import sys

import pytest
import torch

from explorer.network.adam import Adam

COMPILER_STAYS_OUT = """
import sys
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training

Training(TrainingConfig(task="circle", hidden=(8,))).step()
assert "torch" in sys.modules
print([name for name in ("torch._dynamo", "sympy", "sklearn") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("theirs", "decay"), [(torch.optim.Adam, 0.0), (torch.optim.AdamW, 0.1)], ids=["adam", "adamw"]
)
def test_every_bit_is_that_of_torch(theirs, decay):
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(5, 3, generator=generator), torch.randn(4, generator=generator)]
    ours, other = ([w.clone().requires_grad_() for w in start] for _ in range(2))
    optimiser = Adam(ours, 0.01, decay)
    reference = theirs(other, lr=0.01, weight_decay=decay)
    for step in range(5):
        optimiser.learning_rate = reference.param_groups[0]["lr"] = 0.01 / (step + 1)
        for weights, stepper in ((ours, optimiser), (other, reference)):
            stepper.zero_grad()
            used = weights[:1] if step == 2 else weights  # one is left out once
            sum((w**3).sum() for w in used).backward()
            stepper.step()
    for mine, other_weights, before in zip(ours, other, start, strict=True):
        assert torch.equal(mine, other_weights)
        assert not torch.equal(mine, before)


def test_a_step_of_training_imports_no_compiler():
    run = subprocess.run(
        [sys.executable, "-c", COMPILER_STAYS_OUT], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
