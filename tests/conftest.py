"""How laws are tried: no test asserts a time, and on a busy machine a law would fail for drawing slowly, too."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("patient")
