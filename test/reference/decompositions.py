"""Writes decompositions.json: QR factorizations and singular values from LAPACK, and singular values of graded
bidiagonal matrices from arithmetic with many digits."""

import json
from pathlib import Path

import mpmath
import torch

torch.manual_seed(0)


def rows(t):
    return t.tolist()


factorizations = []
for m, n in [(1, 1), (1, 4), (4, 1), (5, 5), (7, 3), (3, 7), (20, 18)]:
    a = torch.randint(-99, 100, (m, n), dtype=torch.float64) / 10
    h, tau = torch.geqrf(a)
    c = torch.randint(-9, 10, (m, 2), dtype=torch.float64)
    factorizations.append(
        {
            "a": rows(a),
            "h": rows(h),
            "tau": rows(tau),
            "q": rows(torch.linalg.householder_product(h[:, : min(m, n)], tau)),
            "c": rows(c),
            "qc": rows(torch.ormqr(h, tau, c)),
            "qtc": rows(torch.ormqr(h, tau, c, transpose=True)),
            "s": rows(torch.linalg.svdvals(a)),
        }
    )

# From 1 down to 1e-60 and back: the smallest values have to be right to the last digits.
mpmath.mp.dps = 150
graded = []
for exponents in [range(0, -60, -6), range(-54, 6, 6), [0, -3, -50, -9, -20, -1, -30, -2]]:
    d = [(1 + i / 7) * 10.0**e for i, e in enumerate(exponents)]
    e = [(1 + i / 11) * d[i + 1] for i in range(len(d) - 1)]
    b = mpmath.matrix(len(d), len(d))
    for i, x in enumerate(d):
        b[i, i] = mpmath.mpf(x)
        if i + 1 < len(d):
            b[i, i + 1] = mpmath.mpf(e[i])
    values = sorted((float(x) for x in mpmath.svd_r(b, compute_uv=False)), reverse=True)
    graded.append({"d": d, "e": e, "s": values})

result = {"factorizations": factorizations, "graded": graded}
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
