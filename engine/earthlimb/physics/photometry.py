"""Units of the night sky's brightness."""

from __future__ import annotations

import math
from typing import Final

S10_MAG_ARCSEC2: Final = 10.0 + 2.5 * math.log10(3600.0**2)
"""One tenth-magnitude star per square degree as a surface brightness, mag arcsec-2 (27.78)."""
