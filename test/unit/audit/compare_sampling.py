#!/usr/bin/env python3
"""compare_sampling.py SAMPLING_LINES: exact finite sample sizes and limits against another computation.

Ours adds C(D, i) C(N-D, n-i) / C(N, n) and searches by halves. Here the same distribution is taken from its other
side, C(n, i) C(N-n, D-i) / C(N, D), as Python's fractions, and every size and every D is tried one after the other.
"""
import subprocess
import sys
from fractions import Fraction
from functools import lru_cache
from math import ceil, comb


def share(text):
    return Fraction(text) / 100


@lru_cache(maxsize=None)
def at_most(k, N, D, n):
    """P(X <= k) of n drawn without replacement from N of which D deviate."""
    return Fraction(sum(comb(n, i) * comb(N - n, D - i) for i in range(min(k, n, D) + 1) if D - i <= N - n),
                    comb(N, D))


def size_of(risk, tolerable, expected, N):
    D = ceil(N * share(tolerable))
    for n in range(1, N + 1):
        k = ceil(n * share(expected))
        if at_most(k, N, D, n) <= share(risk):
            return f"{n} {k}"
    return "none"


def limit_of(risk, n, k, N):
    D = k
    while D + 1 <= N - n + k and at_most(k, N, D + 1, n) > share(risk):
        D += 1
    return f"{D} {ceil(Fraction(1000 * D, N))}"


def cases():
    for N in (7, 12, 25, 40, 52, 66, 80, 100, 119, 150, 200, 250):
        for risk in ("1", "5", "10", "20"):
            for tolerable in ("3", "5", "7.5", "10", "20"):
                for expected in ("0", "0.5", "1", "2.25"):
                    yield (f"size hypergeometric {risk} {tolerable} {expected} {N}",
                           lambda a=(risk, tolerable, expected, N): size_of(*a))
                yield (f"size discovery {risk} {tolerable} 0 {N}",
                       lambda a=(risk, tolerable, "0", N): size_of(*a))
    for N in (5, 12, 20, 31, 52, 77, 100, 128, 180):
        for n in sorted({1, 2, 5, 10, 15, 25, 40, 60, N // 3, N // 2, N - 1, N}):
            for k in range(0, 13):
                for risk in ("1", "2.5", "5", "10", "12.345", "20", "33.3"):
                    if 1 <= n <= N and k <= n:
                        yield f"limit {risk} {n} {k} {N}", lambda a=(risk, n, k, N): limit_of(*a)


def main():
    asked = list(cases())
    got = subprocess.run([sys.argv[1]], input="".join(line + "\n" for line, _ in asked), capture_output=True,
                         text=True, check=True).stdout.splitlines()
    if len(got) != len(asked) or len(asked) < 5000:
        sys.exit(f"{len(asked)} cases, {len(got)} answers; at least 5000 are wanted")
    faults = [(line, answer, wanted) for (line, expect), answer in zip(asked, got) if answer != (wanted := expect())]
    for line, answer, wanted in faults[:20]:
        print(f"{line}: {answer}, should be {wanted}")
    print(f"{len(asked)} cases, {len(faults)} differ")
    sys.exit(1 if faults else 0)


main()
