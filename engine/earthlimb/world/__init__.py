"""The world at one instant; runs where there is no GPU."""

from earthlimb.world.build import attitude_of, build_world, same_air, station_of, tables_at
from earthlimb.world.optics import lens_of
from earthlimb.world.state import WorldState

__all__ = ["WorldState", "attitude_of", "build_world", "lens_of", "same_air", "station_of", "tables_at"]
