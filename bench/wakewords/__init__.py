"""Wake words beside what others make of the same clips."""
