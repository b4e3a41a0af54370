"""What a language model must be able to do to describe."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from explorer.network.graph import Floats


class Client(ABC):
    """A language model.

    Attributes
    ----------
    name : str
        For people, as in ``Gemma 3 270M``.
    id : str
        Part of the key of everything it wrote: model, revision, endpoint; never a secret.
    remote : bool
        Whether what it is asked leaves this machine.
    at_once : int
        How many requests it can answer at the same time.
    guided : bool
        Whether it is so small that it should choose among given texts instead of writing.
    """

    name: str
    id: str
    remote: bool = False
    at_once: int = 1
    guided: bool = False

    @abstractmethod
    def complete(self, prompt: str, limit: int) -> Iterator[str]:
        """Continue a prompt greedily, at most ``limit`` tokens, up to the end of the line.

        Yields
        ------
        str
            Pieces of the text, as they come.

        Raises
        ------
        DescriberError
            If the model cannot be asked; the sentence says why.
        """

    def choose(self, prompt: str, without: str, texts: Sequence[str]) -> Iterator[str]:
        """Go along one of the given texts, piece by piece; only of a model that is ``guided``.

        Parameters
        ----------
        prompt : str
        without : str
            The prompt without the evidence. Where the texts part, the word is taken to whose
            probability the evidence adds most: pointwise mutual information.
        texts : sequence of str
        """
        raise NotImplementedError

    def log_probabilities(self, prompt: str, continuations: Sequence[str]) -> Floats:
        """Return log p(continuation | prompt) in nats, summed over its tokens, for each.

        Raises
        ------
        DescriberError
            If the model does not tell probabilities, as most endpoints do not.
        """
        from explorer.errors import DescriberError

        raise DescriberError(
            f"{self.name} does not tell the probability of a given text; expected a model on this "
            f"machine"
        )
