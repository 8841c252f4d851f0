"""Clips by speech engines that no training uses: phrases to find, and sentences to refuse."""
