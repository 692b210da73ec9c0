"""Writes factorizations.json: what LAPACK, called by PyTorch, makes of matrices that test/factorizations.ts has, too."""

import json
from pathlib import Path

import torch


def uniform(seed, m, n):
    """Numbers from -1/2 to 1/2 by Park and Miller's generator."""
    values = []
    for _ in range(m * n):
        seed = seed * 48271 % 2147483647
        values.append(seed / 2147483647 - 0.5)
    return torch.tensor(values, dtype=torch.float64).reshape(m, n)


def shown(factors):
    return {"diagonal": factors.diagonal().tolist(), "last": factors[-1].tolist()}


cases = []
for seed, (m, n) in enumerate([(1, 1), (3, 3), (8, 8), (6, 4), (4, 6), (9, 9), (33, 20), (20, 33), (50, 50), (100, 100)]):
    a = uniform(seed + 1, m, n)
    lu, pivots = torch.lu(a)
    cases.append({"op": "lu_factor", "seed": seed + 1, "m": m, "n": n, "pivots": pivots.tolist(), **shown(lu)})
    if m != n:
        continue
    symmetric = a.tril() + a.tril(-1).T
    ld, pivots = torch.linalg.ldl_factor(symmetric)
    cases.append({"op": "ldl_factor", "seed": seed + 1, "m": m, "n": n, "pivots": pivots.tolist(), **shown(ld.tril())})
    l = torch.linalg.cholesky(symmetric + n * torch.eye(n, dtype=torch.float64))
    cases.append({"op": "cholesky", "seed": seed + 1, "m": m, "n": n, "pivots": [], **shown(l)})

text = ",\n".join(json.dumps(case) for case in cases)
Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
