"""The studio: wake words made in the browser. Projects, their recordings, and trainings as jobs."""
