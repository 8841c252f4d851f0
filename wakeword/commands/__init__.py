"""The commands, one a file or two that belong together. Each imports what it needs when it runs."""
