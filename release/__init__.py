"""Releases: one version for both packages and the image, with an entry in the changelog; `python -m release`."""
