"""Writes eigh.json: symmetric matrices and their eigenvalues by LAPACK (numpy)."""

import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(5)


def symmetric(n):
    lower = np.tril(rng.integers(-9, 10, (n, n)))
    return lower + np.tril(lower, -1).T


def tridiagonal(diagonal, beside):
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)


index = np.arange(30)
cases = {f"random {n}": symmetric(n) for n in (1, 2, 3, 4, 5, 8, 13, 33, 40)}
cases |= {
    "Hilbert": 1 / (index[:10, None] + index[:10] + 1),
    "Frank, symmetric": np.minimum(12 - index[:12, None], 12 - index[:12]),
    "Wilkinson W21+": tridiagonal(np.abs(index[:21] - 10), np.ones(20)),
    "1, 2, 1": tridiagonal(np.full(30, 2), np.full(29, -1)),
    "0, 1, 0": tridiagonal(np.zeros(7), np.ones(6)),
    "rank 1 and the identity": np.eye(6) + 1,
    "zero": np.zeros((3, 3)),
}

text = ",\n".join(
    json.dumps({"name": name, "matrix": [[float(x) if x % 1 else int(x) for x in row] for row in a.tolist()],
                "eigenvalues": np.linalg.eigvalsh(a.astype(float)).tolist()}, separators=(",", ":"))
    for name, a in cases.items()
)  # fmt: skip
Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
