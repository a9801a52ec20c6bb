"""The camera's sensor: radiance to electrons to picture, on the GPU."""

from earthlimb.sensor.pipeline import SensorPipeline
from earthlimb.sensor.settings import SensorSettings, sensor_settings

__all__ = ["SensorPipeline", "SensorSettings", "sensor_settings"]
