"""The engine: the C core, its NumPy twin, the detector, the cascade."""
