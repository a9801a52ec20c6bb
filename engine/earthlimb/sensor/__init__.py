"""The camera's sensor: radiance to electrons to picture, on the GPU."""

from earthlimb.sensor.pipeline import SensorPipeline
from earthlimb.sensor.settings import SensorSettings, sensor_settings
from earthlimb.sensor.statistics import ExposureStatistics, exposure_statistics

__all__ = ["ExposureStatistics", "SensorPipeline", "SensorSettings", "exposure_statistics", "sensor_settings"]
