// Command bench measures how fast nnfield runs field theories and networks, against
// programs that do the same in C with OpenMP, numba, NumPy and SciPy:
//
//	go run ./nnfield/bench                        # every case, some 15 minutes
//	go run ./nnfield/bench -quick                 # small cases, to see that all agree
//	go run ./nnfield/bench -cases 'KG 2-D'        # cases whose name contains it
//	go run ./nnfield/bench -json docs/performance.json -figure docs/performance.svg
//	go run ./nnfield/bench -scaling -json docs/scaling.json -figure docs/scaling.svg
//
// It builds the programs it finds tools for in a temporary folder; what is absent is
// a blank, neither an error nor a win. The programs of a case start from the same
// field and do the same steps with the same boundary and precision. Before anything is
// timed they must agree on sums over the state, to a relative 1e-12; one that does
// not is refused, not timed, and the command fails.
//
// Then they take turns, round after round. Before each turn a calibrator of 10 ms
// must find all threads of the machine free, and again after it; a turn that was
// disturbed is repeated a few times, and marked as not quiet if that does not help. A
// turn is a few samples. The median over the turns of the best sample of each is what
// ratios are made of; turns that were not quiet count only where there are no others.
//
// The roof is what the machine could do at most, from limits measured at the start:
// floating-point operations, and the traffic between the cores and their own caches,
// in one dimension the nearest of them, if every number of the lattice is read and
// written once a step. "One pass" is the
// same with the memory where the lattice lies: the bound of a program that sweeps
// the whole lattice once a step.
package main
