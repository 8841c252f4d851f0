"""Quantisation in training: the integer arithmetic, in PyTorch."""
