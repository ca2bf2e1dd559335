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

One conformer stands for a molecule. For 42 flexible ions (28 cations and 14 anions of 4 to 11
rotatable bonds, 13 conformers each), the four lowest of all conformers by xtb were optimised and
their surfaces weighted by Boltzmann factors at 298.15 K (three of them count, on average). Against
these averages, the one conformer that a run takes lies 0.7 kJ/mol above the lowest; it is off by
0.3 % in volume, 0.7 % in area, 1.2 % in the second and 1.8 % in the third sigma moment, and 2.4 %
in the radius of gyration. COSMO-RS with three partners each changes by 0.5 to 0.8 kJ/mol in the
chemical potentials of both ions (at most 9) and by 0.3 to 0.8 kJ/mol in the misfit and
hydrogen-bond energies, one to four hundredths of their spread over ions; r is 0.997 and higher
throughout. Only the radius of gyration is less certain (r 0.98). So there is no pass with more
conformers.
"""
