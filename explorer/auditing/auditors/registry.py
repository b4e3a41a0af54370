"""The one registry of auditors."""

from collections.abc import Mapping

from explorer.auditing.auditors import language_model, mixing, reading, twins
from explorer.auditing.auditors.activation_clustering import ActivationClustering
from explorer.auditing.auditors.carriers import Carriers
from explorer.auditing.auditors.combining import Combined
from explorer.auditing.auditors.declared import Declared
from explorer.auditing.auditors.dormant_module import DormantModule, DormantShuffled
from explorer.auditing.auditors.dormant_neuron import DormantNetwork, DormantNeuron
from explorer.auditing.auditors.pair_inversion import PairInversion
from explorer.auditing.auditors.pair_probing import PairProbing
from explorer.auditing.auditors.probing import Probing
from explorer.auditing.auditors.spectral import SpectralSignatures
from explorer.auditing.auditors.trigger_inversion import TriggerInversion
from explorer.auditing.auditors.word_probing import WordProbing
from explorer.auditing.finding import Auditor
from explorer.errors import AuditError

_LISTED: tuple[Auditor, ...] = (
    Probing(),
    PairProbing(),
    TriggerInversion(),
    PairInversion(),
    Carriers(),
    DormantNeuron(),
    DormantModule(),
    DormantShuffled(),
    DormantNetwork(),
    Combined(),
    Declared(),
    *reading.AUDITORS,
    *mixing.AUDITORS,
    *twins.AUDITORS,
    SpectralSignatures(),
    ActivationClustering(),
    WordProbing(),
    *language_model.AUDITORS,
)

AUDITORS: Mapping[str, Auditor] = {made.name: made for made in _LISTED}


def auditor(name: str) -> Auditor:
    """Look an auditor up by its name.

    Raises
    ------
    AuditError
        If there is none.
    """
    if name not in AUDITORS:
        raise AuditError(f"found the auditor {name!r:.60}; expected one of {', '.join(AUDITORS)}")
    return AUDITORS[name]
