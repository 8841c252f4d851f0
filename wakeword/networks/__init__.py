"""Recurrent cells in plain PyTorch, one family a file, all with the interface of `base.Cell`."""
