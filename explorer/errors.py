"""Every error that this package raises on purpose, under one root.

    ExplorerError
    ├── CheckpointError            a file or name cannot be opened as a network
    │   ├── UnknownNetworkError    no bundled network and no file of that name
    │   ├── FileFormatError        the file is not what it claims, or of no format known here
    │   ├── UnsafeFileError        opening the file would run code from it
    │   ├── FileTooLargeError      the file or the network in it is over a limit
    │   ├── ArchitectureError      the tensors do not make up a network known here
    │   └── WeightError            weights that are not finite numbers
    ├── TaskError                  no such task, or it does not fit the network
    ├── GraphError                 a graph that the computation cannot take
    ├── PartitionError             a partition or module that does not fit the graph
    ├── ConfigError                training settings out of range
    ├── TrainingDivergedError      a loss that is no finite number any more
    ├── RunFolderError             the folder of a run cannot be read or written
    ├── LiveRunError               a live run that cannot be started or found
    ├── SweepError                 a sweep that cannot be started, read or gone on with
    ├── DescriberError             a language model that cannot be asked or does not answer
    ├── ScoringError               a description that cannot be scored
    ├── CurationError              texts that cannot be kept, found or read in
    ├── AuditError                 a network that cannot be audited, or a zoo that cannot be read
    └── ExportError                a folder that an export cannot be written to

The message is one sentence that says what was found and what was expected; a page shows it as it
is. All are ``ValueError`` too, so that a notebook's ``except ValueError`` works as expected.
"""


class ExplorerError(ValueError):
    """Root of the errors raised on purpose."""


class CheckpointError(ExplorerError):
    """A file or name cannot be opened as a network."""


class UnknownNetworkError(CheckpointError):
    """No bundled network and no file has this name."""


class FileFormatError(CheckpointError):
    """The file is not what it claims to be, or is of no format known here."""


class UnsafeFileError(CheckpointError):
    """Opening the file would run code from it."""


class FileTooLargeError(CheckpointError):
    """The file, or the network in it, is over a limit."""


class ArchitectureError(CheckpointError):
    """The tensors in the file do not make up a network known here."""


class WeightError(CheckpointError):
    """Weights that are not finite numbers."""


class TaskError(ExplorerError):
    """No such task, or it does not fit the network."""


class GraphError(ExplorerError):
    """A graph that the computation cannot take."""


class PartitionError(ExplorerError):
    """A partition, or the name of a module, that does not fit the graph."""


class ConfigError(ExplorerError):
    """Training settings that are out of range."""


class TrainingDivergedError(ExplorerError):
    """A loss that is no finite number any more."""


class RunFolderError(ExplorerError):
    """The folder of a run cannot be read or written."""


class LiveRunError(ExplorerError):
    """A live run that cannot be started or found."""


class SweepError(ExplorerError):
    """A sweep that cannot be started, read or gone on with."""


class DescriberError(ExplorerError):
    """A language model that cannot be asked, or does not answer as one."""


class ScoringError(ExplorerError):
    """A description that cannot be scored."""


class CurationError(ExplorerError):
    """Texts that people made which cannot be kept, found or read in."""


class AuditError(ExplorerError):
    """A network that cannot be audited or repaired, or a zoo that cannot be built or read."""


class ExportError(ExplorerError):
    """A folder that an export cannot be written to."""
