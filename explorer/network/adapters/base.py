"""What an adapter is: it knows one architecture by the names and shapes of its tensors."""

from abc import ABC, abstractmethod

from explorer.network.architectures import Network
from explorer.network.readers import WeightFile


class Adapter(ABC):
    """Makes a network of the content of a file, if it is of one architecture.

    Attributes
    ----------
    name : str
        Of the architecture, for people.
    needs : str
        What a file must hold, as the end of the sentence "It needs ...".
    """

    name: str
    needs: str

    @abstractmethod
    def recognises(self, content: WeightFile) -> bool:
        """Tell whether this is the architecture, from names and settings alone."""

    @abstractmethod
    def open(self, content: WeightFile, name: str) -> Network:
        """Make the network.

        Parameters
        ----------
        content : WeightFile
            For which ``recognises`` is true.
        name : str
            Of the file, for messages.

        Raises
        ------
        ArchitectureError
            If a tensor or setting is missing or has another shape than the rest asks for.
        """

    def notes(self, content: WeightFile) -> tuple[str, ...]:
        """Sentences that people must know, such as what was assumed because no file says it."""
        return ()
