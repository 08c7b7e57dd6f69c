"""The GPU that trains, if one does: its name, and the energy that it has taken by its own counter."""

import keras


def name() -> str:
    """Return the name of the GPU that Keras' backend computes on, or nothing where it computes on the processor."""
    if keras.backend.backend() != "jax":
        return ""
    import jax

    device = jax.devices()[0]
    return "" if device.platform == "cpu" else str(device.device_kind)


def joules() -> float:
    """Return what the first NVIDIA GPU has taken since its driver was loaded; 0 where nothing is computed on one.

    NVML, nvmlDeviceGetTotalEnergyConsumption, https://docs.nvidia.com/deploy/nvml-api/
    """
    if not name():
        return 0.0
    import pynvml

    pynvml.nvmlInit()
    return pynvml.nvmlDeviceGetTotalEnergyConsumption(pynvml.nvmlDeviceGetHandleByIndex(0)) / 1000
