"""Fit the reference of clean networks anew.

    python -m explorer.auditing.auditors.pair_reference_fit

The networks are those of the zoo's recipes with the numbers 0 to 9, which are in no calibration and
in no report: of every number the clean one and two decoys, of kinds that auditors may be tuned on,
in the regimes of the reports. They are trained where they are not kept yet.
"""

import sys
from collections.abc import Iterable, Iterator

from explorer.auditing.auditors.pair_inversion import PairInversion, pair_search
from explorer.auditing.auditors.pair_probing import PairProbing, probed_ways
from explorer.auditing.auditors.pair_reference import fitted_reference, save_references
from explorer.auditing.auditors.probes import probed
from explorer.auditing.view import AuditView, audit_view
from explorer.auditing.zoo.opening import open_case
from explorer.auditing.zoo.regimes import COMPARED
from explorer.network.tasks.planted.base import CaseName
from explorer.network.tasks.planted.triggers import TUNED

NUMBERS = range(10)


def reference_views() -> Iterator[AuditView]:
    """Views of the clean networks that the reference is fitted to."""
    kinds = tuple(TUNED)
    for number in NUMBERS:
        decoys = (kinds[number % len(kinds)], kinds[(number + 1) % len(kinds)])
        cases = [CaseName("backdoor", kinds[0], number, "clean")]
        cases += [CaseName("backdoor", kind, number, "decoy") for kind in decoys]
        for case in cases:
            for regime in COMPARED:
                yield audit_view(open_case(case, regime))


def fit_references(views: Iterable[AuditView]) -> None:
    """Fit and write the references of the auditors that compare pairs."""
    probes, searches, sizes = [], [], set()
    for view in views:
        network = view.checkpoint.network
        sizes.add((network.input_size, network.output_size))
        probes.append(probed_ways(probed(view)))
        searches.append(pair_search(view).ways)
    ((inputs, answers),) = sizes
    save_references(
        {
            PairProbing().name: fitted_reference(probes, inputs, answers),
            PairInversion().name: fitted_reference(searches, inputs, answers),
        }
    )


if __name__ == "__main__":
    fit_references(reference_views())
    sys.stdout.write("written\n")
