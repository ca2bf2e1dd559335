"""Simulated data: structures -> geometries -> surfaces in a conductor -> COSMO-RS quantities.

Needs the programs xtb and MOPAC; nothing else in the project does. The app never imports it.
"""
