"""Simulated data: structures -> geometries -> surfaces in a conductor -> COSMO-RS quantities.

Needs the programs xtb and MOPAC; nothing else in the project does. The app never imports it.

What the results are called: simulations of the COSMO-RS type, with the equations and the parameters
24a of openCOSMO-RS on PM7/COSMO surfaces of GFN2-xTB geometries. They are neither COSMOtherm nor
openCOSMO-RS 24a, whose parameters were fitted to BP86/def2-TZVPD surfaces.

The grid against openCOSMO-RS itself, on the same surfaces, for 220 random pairs of 437 cations and
315 anions at 298.15 K: residual chemical potentials of cation and anion r = 0.99999, mean deviation
0.11 RT of a spread of 13 RT; misfit energy r = 0.9999 (0.31 RT), energy of hydrogen bonds
r = 1.00000 (0.03 RT). All of that comes from the step of 0.002 e/Å² in sigma_orth; with 0.001 the
deviation is below 0.001 RT, at half the speed. One core solves 1,500 pairs a second (a pair takes
openCOSMO-RS 0.04 s and more).
"""
