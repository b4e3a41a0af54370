"""Continue training a pretrained GPT: ``python -m explorer.training.pretrained CONFIG.toml``.

On several GPUs of a machine, or without one in several processes of its CPU, either of ::

    torchrun --nproc-per-node N -m explorer.training.pretrained CONFIG.toml
    accelerate launch --multi_gpu --num_processes N -m explorer.training.pretrained CONFIG.toml

Without ``--multi_gpu``, accelerate starts a single process where there is no GPU, whatever number
it is given (more only through MPI); the command therefore says how many there are.
"""

import sys
from importlib.resources import files

from explorer.errors import ExplorerError
from explorer.training.pretrained.config import read_config
from explorer.training.pretrained.loop import Measured
from explorer.training.pretrained.processes import leave, open_processes
from explorer.training.pretrained.run import continue_training

_USAGE = """\
Usage: python -m explorer.training.pretrained CONFIG.toml
       python -m explorer.training.pretrained --example > CONFIG.toml
"""


def main(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    if arguments == ["--example"]:
        sys.stdout.write((files(__package__ or "") / "example.toml").read_text("utf-8"))
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write(_USAGE)
        return 2
    processes = None
    try:
        config = read_config(arguments[0])
        processes = open_processes()
        if processes.is_first:
            number = "1 process" if processes.count == 1 else f"{processes.count} processes"
            _say(f"{number}, {processes.device.type}")
        place = continue_training(config, processes, _show)
        if processes.is_first:
            _say(f"The network is in {place}")
        return 0
    except ExplorerError as problem:
        if processes is None or processes.is_first:
            _say(f"Error: {problem}")
        return 1
    except KeyboardInterrupt as stopped:
        if processes is None or processes.is_first:
            _say(str(stopped) or "Stopped.")
        return 130
    finally:
        if processes is not None:
            processes.close()


def _show(row: Measured) -> None:
    _say(
        f"step {row.step}: {row.held_out_loss:.4f} nats a token on held-out text, "
        f"{row.inside:.1%} of the weight inside {row.modules} modules (Q_B {row.q_b:.3f})"
    )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
