"""The model file: load, save, pack, size, describe, export."""
