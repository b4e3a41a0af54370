"""Build a zoo in this process."""

from concurrent.futures import ThreadPoolExecutor

from explorer.auditing.zoo.build import build_zoo
from explorer.auditing.zoo.plans import plan

SMALL = {"hidden": (12, 10), "steps": 150, "batch_size": 64}


def build(folder, members=None, stop=lambda: False):
    """Build, by default the tiny plan, and return what was said."""
    with ThreadPoolExecutor(1) as threads:
        wanted = plan("tiny") if members is None else members
        return list(build_zoo(wanted, folder, threads, 1, stop))
