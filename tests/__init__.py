"""A package of its own: a requirement of the app installs another one called ``tests``."""
