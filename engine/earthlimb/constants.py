"""Physical constants, each with its unit in its name and its source; the GLSL copy is made from here."""

from __future__ import annotations

from typing import Final

EMISSIONS: Final = ("na589", "oi558", "oi630", "oh", "o2", "continuum")
"""The emissions in the order in which every array and texture holds them (CONTRACT names)."""

WGS84_A_KM: Final = 6378.137
"""Equatorial radius of the WGS84 ellipsoid, km (NGA.STND.0036)."""
WGS84_F: Final = 1.0 / 298.257223563
"""Flattening of the WGS84 ellipsoid (NGA.STND.0036)."""
WGS84_B_KM: Final = WGS84_A_KM * (1.0 - WGS84_F)
"""Polar radius of the WGS84 ellipsoid, km."""
EARTH_MEAN_RADIUS_KM: Final = 6371.0
"""Radius of the sphere used by the reference limb integrals, km."""
EARTH_ROTATION_RAD_S: Final = 7.292115e-5
"""Rotation rate of the Earth, rad s-1 (IERS Conventions 2010)."""
EARTH_EQUATOR_KM: Final = 6378.1363
"""Equatorial radius that belongs to the gravity field below, km (EGM96)."""
EARTH_GM_KM3_S2: Final = 398600.4418
"""Gravitational constant times mass of the Earth, km3 s-2 (IERS Conventions 2010)."""
EARTH_J2: Final = 1.08262668e-3
"""Second zonal harmonic of the Earth's gravity, unnormalised (EGM96)."""
EARTH_J3: Final = -2.53265648e-6
"""Third zonal harmonic (EGM96)."""
EARTH_J4: Final = -1.61962159e-6
"""Fourth zonal harmonic (EGM96)."""

SPEED_OF_LIGHT_KM_S: Final = 299792.458
"""Speed of light, km s-1 (SI)."""
PLANCK_J_S: Final = 6.62607015e-34
"""Planck constant, J s (SI)."""
BOLTZMANN_J_K: Final = 1.380649e-23
"""Boltzmann constant, J K-1 (SI)."""

PHOTONS_PER_RAYLEIGH_M2_S_SR: Final = 1e10 / (4.0 * 3.141592653589793)
"""1 rayleigh = 1e10 photons m-2 s-1 column = 7.9577e8 photons m-2 s-1 sr-1 (Hunten et al. 1956)."""

ALT_LOW_STEP_KM: Final = 0.25
"""Step of the low emission table, 60 to 130 km."""
ALT_LOW_KM: Final = (60.0, 130.0)
"""Ends of the low emission table, km."""
ALT_HIGH_STEP_KM: Final = 2.0
"""Step of the high emission table, 130 to 600 km."""
ALT_HIGH_KM: Final = (130.0, 600.0)
"""Ends of the high emission table, km."""
