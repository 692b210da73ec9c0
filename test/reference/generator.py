"""Writes generator.json: what PyTorch's CPU generator returns for sequences of calls."""

import hashlib
import json
from pathlib import Path

import torch

F32, F64, I64 = "float32", "float64", "int64"
SEEDS = [
    0, 1, 42, 1234567, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 42, 2**40 + 7, 2**53 + 1,
    2**63 - 1, 2**63, 2**64 - 1, -1, -42, -(2**31), -(2**53) - 1, -(2**63),
]  # fmt: skip

# Longer results keep every step-th value; a digest of all bytes covers the others.
KEPT = 40


def encode(value):
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def result(t):
    values = t.tolist()
    if len(values) <= KEPT:
        return {"values": [encode(value) for value in values]}
    step = len(values) // KEPT + 1
    digest = hashlib.sha256(t.numpy().tobytes()).hexdigest()
    return {"step": step, "values": [encode(value) for value in values[::step]], "sha256": digest}


def uniform(n, dtype=F32, low=0, high=1):
    t = torch.empty(n, dtype=getattr(torch, dtype))
    t = torch.rand_like(t) if (low, high) == (0, 1) else t.uniform_(low, high)
    return {"op": "uniform", "dtype": dtype, "n": n, "args": [low, high], **result(t)}


def normal(n, dtype=F32, mean=0, std=1):
    t = torch.empty(n, dtype=getattr(torch, dtype))
    t = torch.randn_like(t) if (mean, std) == (0, 1) else t.normal_(mean, std)
    return {"op": "normal", "dtype": dtype, "n": n, "args": [mean, std], **result(t)}


def randint(n, dtype, low, high):
    t = torch.randint(low, high, (n,), dtype=getattr(torch, dtype))
    return {"op": "randint", "dtype": dtype, "n": n, "args": [str(low), str(high)], **result(t)}


def randperm(n):
    return {"op": "randperm", "dtype": I64, "n": n, "args": [], **result(torch.randperm(n))}


def reseed(seed):
    torch.manual_seed(seed)
    return {"op": "manualSeed", "dtype": I64, "n": 0, "args": [str(seed)], "values": []}


sequences = []


def sequence(name, seed, *calls):
    """One stream: each call is a function with its arguments, and goes on where the last ended."""
    torch.manual_seed(seed)
    initial = str(torch.initial_seed())
    done = [call(*args) for call, *args in calls]
    sequences.append({"name": name, "seed": str(seed), "initialSeed": initial, "calls": done})


for seed in SEEDS:
    sequence(
        f"seed {seed}", seed,
        (uniform, 5), (uniform, 3, F64), (normal, 5), (normal, 3, F64), (normal, 18),
        (randint, 6, I64, 0, 10), (randperm, 10),
    )  # fmt: skip

# Every length around the block of 16.
for dtype in [F32, F64]:
    for n in [0, 1, 2, 3, 14, 15, 16, 17, 18, 30, 31, 32, 33, 40]:
        sequence(f"normal {dtype} of {n}", 7, (normal, n, dtype), (normal, 2, dtype), (uniform, 2))
        sequence(
            f"normal {dtype} of {n} with mean and std", 8,
            (normal, n, dtype, -2.5, 0.3), (normal, 2, dtype, 1.1, 10),
        )  # fmt: skip
    sequence(f"constant normal {dtype}", 1, (normal, 3, dtype, 1.5, 0), (normal, 20, dtype, 1.5, 0))
    for bounds in [(-1, 1), (-1.3, 2.7), (0.1, 0.9), (5, 5), (-1e30, 1e30), (1e-30, 1e-25)]:
        sequence(f"uniform {dtype} {bounds}", 3, (uniform, 20, dtype, *bounds), (uniform, 2, dtype))
    # Three times a sample often is a tie between two floats, which a tiny bound breaks.
    for bounds in [(1e-30, 3), (-1e-30, 3), (-3, 1e-30), (-3, -1e-30), (-1e-20, 5)]:
        sequence(f"uniform ties {dtype} {bounds}", 3, (uniform, 200, dtype, *bounds))
sequence("uniform float64 near overflow", 3, (uniform, 30, F64, -8e307, 9e307))
sequence("uniform float32 near overflow", 3, (uniform, 30, F32, -1e38, 2e38))

# This seed soon gives a uniform 0, for which the normal samples are zeros. They are positive ones.
sequence("zero normal", 3109716, (normal, 48))

# The second sample of a pair waits for the next scalar call, whatever comes between but a new seed.
sequence("spare sample", 42, (normal, 3), (normal, 3), (normal, 1), (normal, 1, F64), (normal, 2))
sequence("spare sample after a block", 42, (normal, 3), (normal, 20), (normal, 3))
sequence("spare sample after others", 42, (normal, 1), (uniform, 3), (randperm, 4), (normal, 1))
sequence("spare sample scaled later", 42, (normal, 1, F64), (normal, 1, F32, 5, 2), (normal, 1))
sequence("spare sample dropped", 42, (normal, 1), (reseed, 42), (normal, 1), (uniform, 2))
sequence("empty calls", 9, (uniform, 0), (normal, 0), (randperm, 0), (randperm, 1), (uniform, 3))
sequence("odd words before float64", 9, (uniform, 1), (uniform, 4, F64), (uniform, 1), (normal, 2))
sequence("interleaved", 10, *[(uniform, 1), (normal, 1, F64), (randint, 1, I64, -5, 5)] * 8)

RANGES = {
    "uint8": [(0, 256), (3, 4), (10, 20)],
    "int8": [(-128, 128), (-3, 3)],
    "int16": [(-(2**15), 2**15), (0, 1000)],
    "int32": [(-(2**31), 2**31), (0, 2**31), (-7, 2**30), (2**31 - 5, 2**31)],
    I64: [
        (0, 2), (-100, 100), (0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1), (-(2**31), 2**31),
        (2**53 - 1, 2**53 + 9), (-(2**53) - 5, -(2**53) + 5), (2**60, 2**60 + 1000),
        (-(2**63), -(2**63) + 3), (2**63 - 9, 2**63 - 1), (-(2**63), 2**63 - 1), (0, 2**62 + 1),
    ],
    F32: [
        (0, 10), (-5, 5), (2**24, 2**24 + 3), (-(2**24) - 9, 2**24 + 9), (-(2**31), 2**31),
        (0, 2**32), (0, 2**40 + 1), (-(2**53) - 1, 2**53 + 1), (0, 2**62), (-(2**63), 2**63 - 1),
        (-(2**25) - 3, -(2**25) + 20), (2**50, 2**50 + 2**31), (0, 2**63 - 1),
        (2**62 + 2**38, 2**63 - 1),
    ],
    F64: [
        (0, 10), (-5, 5), (-(2**31), 2**31), (-(2**53) - 1, 2**53 + 1), (2**53, 2**53 + 3),
        (-(2**63), 2**63 - 1), (0, 2**62), (2**60, 2**60 + 2**30), (0, 2**63 - 1),
    ],
}  # fmt: skip
for dtype, ranges in RANGES.items():
    for low, high in ranges:
        name = f"randint {dtype} [{low}, {high})"
        sequence(name, 5, (randint, 12, dtype, low, high), (uniform, 1))

# Long streams go through many renewals of the state.
for dtype in [F32, F64]:
    for call in [uniform, normal]:
        name = f"long {call.__name__} {dtype}"
        sequence(name, 11, (call, 100_000, dtype), (call, 70_001, dtype, -3, 0.7))
sequence("many scalar normals", 13, *[(normal, 15)] * 20)
for dtype in RANGES:
    sequence(f"long randint {dtype}", 14, (randint, 70_001, dtype, 0, 100))
sequence("long wide randint", 15, (randint, 10_000, I64, -(2**40), 2**50))
for n in [2, 3, 100, 624, 5000, 70_000]:
    sequence(f"randperm {n}", 16, (randperm, n), (uniform, 2))

reference = {
    "defaultSeed": str(torch.Generator().initial_seed()),
    "defaultUniform": torch.rand(4, generator=torch.Generator()).tolist(),
}
path = Path(__file__).with_suffix(".json")
lines = ",\n".join(json.dumps(s, separators=(",", ":")) for s in sequences)
head = json.dumps(reference)[:-1]
path.write_text(f'{head},\n"sequences":[\n{lines}\n]}}\n')
calls = sum(len(s["calls"]) for s in sequences)
print(len(sequences), "sequences,", calls, "calls,", path.stat().st_size, "bytes")
