"""Quantization: fake quantization for training, ternary weights, and the conversion to a model."""
