"""Projects: a folder for what is known of some phrases, its runs, and advice, estimate and verdict on them.

Nothing here needs torch. The layout is in docs/projects.md.
"""
