"""Training: configuration, corpora, epochs, losses, distillation, the loop, and its report."""
