"""For all tests: nothing is late. How long a thing takes is measured in bench/."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
