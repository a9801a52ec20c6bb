"""The world at one instant; runs where there is no GPU."""

from earthlimb.world.build import build_world, lens_of, station_of, tables_at
from earthlimb.world.state import WorldState

__all__ = ["WorldState", "build_world", "lens_of", "station_of", "tables_at"]
