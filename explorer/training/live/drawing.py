"""What a live run draws: what the network decides, what each neuron answers, a text it writes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.network.tasks import Task, is_plane, plane_grid, plane_reach
from explorer.training.live.wire import SIDE
from explorer.training.loop import Training

MAX_PICTURES = 64
_SMALL = 16  # side of a neuron's picture
_EXAMPLES, _POINTS = 12, 300  # that are shown
_PROMPT, _MAX_TEXT = 4, 60  # tokens
_WARMTH = 0.8  # temperature of the text


class Drawer:
    """Draws one run; what does not change while it trains is made once.

    Attributes
    ----------
    form : {"none", "plane", "weights"}
        See ``wire``.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        task, network = training.task, training.network
        self.is_plane = is_plane(task)
        self._images = _Images(task)
        self.form = "none"
        if self.is_plane:
            reach = plane_reach(task)
            self._fine, self._coarse = plane_grid(SIDE, reach), plane_grid(_SMALL, reach)
            self.form = "plane"
        elif network.kind == "mlp" and self._images.fits:
            self.form = "weights"
        self._writer = _Writer(training) if task.is_text else None
        self._chosen = self._choose()

    def about(self) -> dict[str, Any]:
        """Everything that does not change, for the event ``about``."""
        task = self.training.task
        found: dict[str, Any] = {
            "layers": [
                {"name": layer.name, "role": layer.role, "size": layer.size}
                for layer in self.training.network.neuron_layers
            ],
            "heads": [{"name": h.name, "classes": list(h.classes)} for h in task.heads],
        }
        if self.is_plane:
            data = task.split("train")
            shown = torch.linspace(0, len(data) - 1, min(_POINTS, len(data))).long()
            places = data.inputs[shown].double().numpy().round(4).tolist()
            classes = data.targets[shown, 0].tolist()
            found["reach"] = plane_reach(task)
            found["points"] = [[x, y, c] for (x, y), c in zip(places, classes, strict=True)]
        if self._images.fits:
            found["examples"] = self._images.to_dicts()
        return found

    @torch.no_grad()
    def grid(self) -> NDArray[np.uint8]:
        """Draw what the network decides over the plane: class and probability, packed."""
        outputs = self.training.network(self._fine)
        head = self.training.task.head_slices[0]
        probability, decided = outputs[:, head].softmax(dim=1).max(dim=1)
        chance = 1.0 / (head.stop - head.start)
        sure = ((probability - chance) / max(1.0 - chance, 1e-6) * 15).round().clamp(0, 15)
        packed = decided.clamp(max=15) * 16 + sure.long()
        return np.asarray(packed.to(torch.uint8).reshape(SIDE, SIDE), np.uint8)

    @torch.no_grad()
    def pictures(self) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        """Draw neurons: which ones, and the pixels of each."""
        if self.form == "plane":
            layers = self.training.network.trace(self._coarse).layers
            flat = torch.cat([layer.flatten(1) for layer in layers], dim=1).T[self._chosen]
            return self._numbers, _scaled(flat).reshape(-1, _SMALL, _SMALL)
        if self.form == "weights":
            first = self.training.network.matrices[0]
            inputs = first.shape[1]
            return self._numbers, _scaled(self._images.side_by_side(first[self._chosen - inputs]))
        return np.empty(0, np.uint16), np.empty((0, 0, 0), np.uint8)

    @torch.no_grad()
    def more(self) -> dict[str, Any]:
        """Return what stands beside the pictures: guesses at images, or the text so far."""
        if self._writer is not None:
            return {"text": self._writer.text}
        if not self._images.fits:
            return {}
        task = self.training.task
        outputs = self.training.network(self._images.inputs)
        guesses: list[list[list[float]]] = [[] for _ in range(len(outputs))]
        for columns in task.head_slices:
            sure, decided = outputs[:, columns].softmax(dim=1).max(dim=1)
            for guess, at, share in zip(guesses, decided.tolist(), sure.tolist(), strict=True):
                guess.append([at, round(share, 3)])
        return {"guesses": guesses}

    def write(self) -> None:
        """Let the network write one more token of its text."""
        if self._writer is not None:
            self._writer.go_on()

    @property
    def writes(self) -> bool:
        """Whether the network writes text."""
        return self._writer is not None

    @property
    def _numbers(self) -> NDArray[np.uint16]:
        return self._chosen.numpy().astype(np.uint16)

    def _choose(self) -> Tensor:
        """Choose the neurons to draw: as many of every layer as there is room for."""
        sizes = [layer.size for layer in self.training.network.neuron_layers]
        if self.form == "none":
            return torch.empty(0, dtype=torch.long)
        if self.form == "weights":  # of the first hidden layer
            return torch.arange(sizes[0], sizes[0] + min(sizes[1], MAX_PICTURES))
        starts = np.cumsum([0, *sizes[:-1]])
        shares = fair_shares(sizes, MAX_PICTURES)
        chosen = [torch.arange(s, s + n) for s, n in zip(starts.tolist(), shares, strict=True)]
        return torch.cat(chosen)


def fair_shares(sizes: Sequence[int], room: int) -> list[int]:
    """Give every layer as much room as the others, and what it does not need to them.

    Examples
    --------
    >>> fair_shares([2, 40, 40, 2], 64)
    [2, 30, 30, 2]
    """
    shares = [0] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda index: sizes[index])
    for place, index in enumerate(order):
        shares[index] = min(sizes[index], room // (len(sizes) - place))
        room -= shares[index]
    return shares


def _scaled(values: Tensor) -> NDArray[np.uint8]:
    """Bytes in which 128 stands for 0 and 255 or 1 for the largest size in the picture."""
    largest = values.abs().flatten(1).max(dim=1).values.clamp(min=1e-12)
    scaled = values / largest.reshape(-1, *[1] * (values.dim() - 1))
    return (scaled * 127 + 128).round().nan_to_num(128.0).to(torch.uint8).numpy()


class _Images:
    """The images of a task: some examples, and how pixels lie side by side."""

    def __init__(self, task: Task) -> None:
        self.task = task
        shown = task.images
        self.fits = bool(shown) and len({image.rows for image in shown}) == 1
        if self.fits:
            examples = task.split("validation")
            some = torch.linspace(0, len(examples) - 1, min(_EXAMPLES, len(examples))).long()
            self.inputs, self.targets = examples.inputs[some], examples.targets[some]

    def side_by_side(self, values: Tensor) -> Tensor:
        """Return pictures of shape (n, rows, columns of all images)."""
        parts = [
            values[:, image.start : image.start + image.rows * image.columns].reshape(
                -1, image.rows, image.columns
            )
            for image in self.task.images
        ]
        return torch.cat(parts, dim=2)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the examples as plain data."""
        pictures = self.side_by_side(self.inputs)
        low, high = float(pictures.min()), float(pictures.max())
        pixels = ((pictures - low) / max(high - low, 1e-12) * 255).round().long()
        return [
            {
                "rows": picture.shape[0],
                "columns": picture.shape[1],
                "pixels": picture.flatten().tolist(),
                "truth": target.tolist(),
            }
            for picture, target in zip(pixels, self.targets, strict=True)
        ]


class _Writer:
    """Lets a network write a text, one token at a time, from the first words of an example."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.examples = training.task.split("validation").inputs
        # Its own: that of the training must not be touched.
        self.generator = torch.Generator().manual_seed(0)
        tokens = training.task.tokens
        self._between = "" if all(len(token) == 1 for token in tokens) else " "
        self._tokens = self._prompt()

    @property
    def text(self) -> str:
        """The text so far."""
        words = self.training.task.tokens
        return self._between.join(words[token] for token in self._tokens.tolist())

    @torch.no_grad()
    def go_on(self) -> None:
        """Draw one more token; begin another text when this one is long enough."""
        if len(self._tokens) >= _MAX_TEXT:
            self._tokens = self._prompt()
        context = self._tokens[-self.examples.shape[1] :]
        logits = self.training.network(context[None])[0, -1]
        shares = (logits / _WARMTH).softmax(dim=0)
        drawn = torch.multinomial(shares, 1, generator=self.generator)
        self._tokens = torch.cat([self._tokens, drawn])

    def _prompt(self) -> Tensor:
        at = int(torch.randint(len(self.examples), (1,), generator=self.generator))
        return self.examples[at, :_PROMPT].clone()
