"""A language model on this machine, run by transformers on one thread."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.description.clients.base import Client
from explorer.description.clients.choosing import forced, tree_of
from explorer.description.clients.prefixes import Prefixes, cache_keyword
from explorer.description.clients.tokens import Tokens
from explorer.errors import DescriberError
from explorer.network.graph import Floats
from explorer.network.threads import single_threaded

if TYPE_CHECKING:
    import torch

LONGEST_PROMPT = 4096  # tokens
_AT_ONCE = 16  # continuations
_WORDS = 16_384  # of the vocabulary


class LocalClient(Client):
    """A causal language model of transformers, in memory.

    Any number of threads may ask it; they take turns token by token.

    Parameters
    ----------
    folder : Path or str
        Folder of the model, or its id on the Hugging Face hub. Only safetensors are opened, and no
        code from there is run.
    name : str
    id : str
        Part of the key of what it writes.
    terms : str
        Under which terms it may be used.
    guided : bool

    Raises
    ------
    DescriberError
        If it cannot be loaded.
    """

    def __init__(
        self, folder: Path | str, name: str, id: str, terms: str = "", guided: bool = False
    ) -> None:
        self.name, self.terms, self.guided = name, terms, guided
        self._lock = threading.Lock()
        with single_threaded():
            self._tokenizer, self._model = _loaded(str(folder), name)
        self.id = f"{id} {str(self._model.dtype).removeprefix('torch.')}"
        self._keyword = cache_keyword(self._model)
        self._prefixes = Prefixes(self._model)
        self._begin = self._model.config.bos_token_id
        self._needs_begin = self._model.config.model_type.startswith("gemma")
        eos = self._model.generation_config.eos_token_id or self._model.config.eos_token_id
        self._ends = {token for token in (eos if isinstance(eos, list) else [eos]) if token}

    def complete(self, prompt: str, limit: int) -> Iterator[str]:
        """Continue a prompt greedily; see ``Client.complete``."""
        ids = self._encode(prompt)
        with self._turn():
            logits, cache = self._prefixes.read(ids)
        made: list[int] = []
        told = ""
        for _ in range(limit):
            token = int(logits.argmax())
            if token in self._ends:
                return
            made.append(token)
            text = self._tokenizer.decode(made)
            line, newline, _ = text.partition("\n")
            if not line.endswith("�"):  # half a character
                yield line[len(told) :]
                told = line
            if newline and line.strip():
                return
            if len(made) < limit:
                with self._turn():
                    logits = self._step([token], cache)

    def choose(self, prompt: str, without: str, texts: Sequence[str]) -> Iterator[str]:
        """Go along one of the given texts; see ``Client.choose``."""
        ids = [self._encode(one) for one in (prompt, without)]
        branch = tree_of([self._tail(prompt, ids[0], f" {text}") for text in texts])
        with self._turn():
            read = [self._prefixes.read(one) for one in ids]
        made: list[int] = []
        told = ""
        while branch.children:
            tokens = list(forced(branch))
            if not tokens:
                open_ = list(branch.children)
                gain = (read[0][0][open_] - read[1][0][open_]).argmax()
                tokens = [open_[int(gain)]]
            for token in tokens:
                branch = branch.children[token]
            made += tokens
            text = self._tokenizer.decode(made)
            yield text[len(told) :]
            told = text
            if branch.children:
                with self._turn():
                    read = [(self._step(tokens, cache), cache) for _, cache in read]

    def log_probabilities(self, prompt: str, continuations: Sequence[str]) -> Floats:
        """Return log p(continuation | prompt) in nats, summed over its tokens, for each.

        A continuation is set apart from the prompt by a space, if neither brings one. The prompt is
        read once, whatever the number of continuations.
        """
        ids = self._encode(prompt)
        found = np.zeros(len(continuations))
        apart = "" if not prompt or prompt[-1].isspace() else " "
        tails = [
            self._tail(prompt, ids, text if text[:1].isspace() else apart + text)
            for text in continuations
        ]
        with self._turn():
            first, cache = self._prefixes.read(ids)
        for start in range(0, len(tails), _AT_ONCE):
            chosen = tails[start : start + _AT_ONCE]
            with self._turn():
                found[start : start + _AT_ONCE] = self._sums(first, cache, chosen)
        return found

    def _encode(self, text: str) -> list[int]:
        ids = self._tokenizer.encode(text)
        while ids and ids[-1] in self._ends:
            ids.pop()
        if self._begin is not None and ids[:1] != [self._begin] and self._needs_begin:
            ids.insert(0, self._begin)
        ids = ids or [self._begin or 0]
        if len(ids) > LONGEST_PROMPT:
            raise DescriberError(
                f"found a prompt of {len(ids):,} tokens; expected at most {LONGEST_PROMPT:,}"
            )
        return ids

    def _tail(self, prompt: str, ids: list[int], text: str) -> list[int]:
        """Tokens of a continuation, as they are where they follow the prompt."""
        whole = self._encode(prompt + text)
        if whole[: len(ids)] == ids and len(whole) > len(ids):
            return whole[len(ids) :]
        return self._tokenizer.encode(text, special=False) or ids[-1:]

    def _step(self, tokens: list[int], cache: Any) -> "torch.Tensor":
        import torch

        with torch.inference_mode():
            out = self._model(
                input_ids=torch.tensor([tokens]), logits_to_keep=1, **{self._keyword: cache}
            )
        return out.logits[0, -1]  # type: ignore[no-any-return]

    def _sums(self, first: "torch.Tensor", cache: Any, tails: list[list[int]]) -> Floats:
        import torch

        with torch.inference_mode():
            begun = torch.log_softmax(first.float(), dim=-1)
            total = torch.stack([begun[tail[0]] for tail in tails]).double()
            longest = max(len(tail) for tail in tails)
            if longest > 1:
                total += self._rest(cache, tails, longest - 1)
        return np.asarray(total.numpy())

    def _rest(self, cache: Any, tails: list[list[int]], longest: int) -> "torch.Tensor":
        """Sum the log probabilities of all tokens but the first of each continuation."""
        import torch

        rows = torch.zeros(len(tails), longest, dtype=torch.int64)
        goals = torch.full((len(tails), longest), -1)
        for row, tail in enumerate(tails):
            rows[row, : len(tail) - 1] = torch.tensor(tail[:-1])
            goals[row, : len(tail) - 1] = torch.tensor(tail[1:])
        wide = self._prefixes.copied(cache)
        wide.batch_repeat_interleave(len(tails))
        hidden = self._model.base_model(input_ids=rows, **{self._keyword: wide}).last_hidden_state
        counted = goals >= 0  # the head is by far the larger part of the work: only where it counts
        head = self._model.get_output_embeddings()
        picked = _log_share(hidden[counted], head, goals[counted])
        total = torch.zeros(len(tails), dtype=torch.float64)
        total.index_add_(0, counted.nonzero()[:, 0], picked.double())
        return total

    def _turn(self) -> "_Turn":
        return _Turn(self._lock)


class _Turn:
    """Hold a lock and one thread of torch."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock, self._threads = lock, single_threaded()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._threads.__enter__()

    def __exit__(self, *problem: Any) -> None:
        self._threads.__exit__(*problem)
        self._lock.release()


def _log_share(hidden: "torch.Tensor", head: Any, goals: "torch.Tensor") -> "torch.Tensor":
    """Log softmax of one token a row, a part of the vocabulary at a time.

    The logits of all words at once do not fit a processor's memory: that takes twice as long.
    """
    import torch

    highest = torch.full((len(hidden),), float("-inf"))
    total = torch.zeros(len(hidden))
    found = torch.zeros(len(hidden))
    for start in range(0, len(head.weight), _WORDS):
        words = head.weight[start : start + _WORDS]
        bias = None if head.bias is None else head.bias[start : start + _WORDS]
        logits = torch.nn.functional.linear(hidden, words, bias).float()
        here = (goals >= start) & (goals < start + len(words))
        found[here] = logits[here, goals[here] - start]
        before, highest = highest, torch.maximum(highest, logits.amax(dim=1))
        total = total * (before - highest).exp()
        total += logits.sub_(highest[:, None]).exp_().sum(dim=1)
    return found - highest - total.log()


def _number() -> Any:
    """Return the kind of number to compute with: the short one where the processor has it.

    That takes 0.6 times as long and half the memory.
    """
    import torch

    has_short = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if has_short else torch.float32


def _loaded(folder: str, name: str) -> tuple[Tokens, Any]:
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # it would write over the one of the command line
    try:
        tokenizer = Tokens(folder)
        model = AutoModelForCausalLM.from_pretrained(
            folder, trust_remote_code=False, use_safetensors=True, dtype=_number()
        )
    except Exception as problem:  # transformers raises many kinds
        reason = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise DescriberError(
            f"{name} cannot be loaded ({reason}); expected a folder or hub id of a causal language "
            f"model in safetensors"
        ) from problem
    model.train(False)
    return tokenizer, model
