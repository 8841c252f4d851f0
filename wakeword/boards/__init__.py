"""Boards: flashing, the serial link, the self-test."""
