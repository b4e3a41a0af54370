"""Fit the reference of clean networks anew, to those of a calibration zoo.

    python -m explorer.auditing.auditors.pair_reference_fit FOLDER

Of the zoo that ``explorer zoo build calibration`` made, the controls numbered 100 to 139 are
looked at, in all regimes of the reports; half of them saw trigger images with true labels.
"""

import sys
from collections.abc import Iterable, Iterator

from explorer.auditing.auditors.pair_inversion import PairInversion, pair_search
from explorer.auditing.auditors.pair_probing import PairProbing, probed_ways
from explorer.auditing.auditors.pair_reference import fitted_reference, save_references
from explorer.auditing.auditors.probes import probed
from explorer.auditing.view import AuditView, audit_view
from explorer.auditing.zoo.folder import ZooFolder
from explorer.auditing.zoo.regimes import COMPARED

FAMILY = "backdoor"
NUMBERS = range(100, 140)


def reference_views(folder: ZooFolder) -> Iterator[AuditView]:
    """Views of the clean networks that the reference is fitted to."""
    for member in folder.content().records:
        case = member.case
        wanted = case.family == FAMILY and case.number in NUMBERS and not member.is_planted
        if wanted and member.regime in COMPARED:
            yield audit_view(folder.checkpoint(member))


def fit_references(views: Iterable[AuditView]) -> int:
    """Fit and write the references of the auditors that compare pairs; return the networks seen."""
    probes, searches, sizes = [], [], set()
    for view in views:
        network = view.checkpoint.network
        sizes.add((view.task.name, network.input_size, network.output_size))
        probes.append(probed_ways(probed(view)))
        searches.append(pair_search(view).ways)
    ((task, inputs, answers),) = sizes
    save_references(
        {
            PairProbing().name: fitted_reference(probes, task, inputs, answers),
            PairInversion().name: fitted_reference(searches, task, inputs, answers),
        }
    )
    return len(probes)


if __name__ == "__main__":
    fitted = fit_references(reference_views(ZooFolder(sys.argv[1])))
    sys.stdout.write(f"fitted to {fitted} clean networks\n")
