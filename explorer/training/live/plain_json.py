"""JSON that every browser reads."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any


def to_json(value: Any) -> bytes:
    """Write plain data as JSON that every browser reads: null for NaN and infinities."""
    return json.dumps(_finite(value), allow_nan=False, separators=(",", ":")).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value
