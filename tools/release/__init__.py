"""Make the files of a release: `make release` runs this. docs/install.md says whose each one is."""
