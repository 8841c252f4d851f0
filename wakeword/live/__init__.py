"""Listening and recording on this computer."""
