"""The one exception that users see."""


class WakewordError(Exception):
    """Wrong use or bad input, said in one clear line; the command line prints it and exits with status 2."""
