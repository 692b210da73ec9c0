"""Writes print.json: tensors and the text PyTorch prints for them."""

import json
import math
import random
from pathlib import Path

import torch

INF, NAN = math.inf, math.nan
FLOATS = [torch.float32, torch.float64]
INTS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
DTYPES = FLOATS + INTS + [torch.bool]

random.seed(0)
torch.manual_seed(0)
cases = []
option_cases = []


def encode(value):
    """A value as JSON; what JSON or JavaScript numbers cannot hold becomes a string."""
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        if value == 0 and math.copysign(1, value) < 0:
            return "-0"
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    return value


def short_name(dtype):
    return str(dtype).removeprefix("torch.")


def describe(name, t, values=None):
    if values is None:
        values = [encode(value) for value in t.detach().reshape(-1).tolist()]
    return {
        "name": name,
        "dtype": short_name(t.dtype),
        "shape": list(t.shape),
        "values": values,
        "requiresGrad": t.requires_grad and t.grad_fn is None,
        "gradFn": None if t.grad_fn is None else type(t.grad_fn).__name__,
        "printed": repr(t).replace("dtype=torch.", "dtype="),
    }


def add(name, t, values=None):
    cases.append(describe(name, t, values))


def ramp(shape, dtype=torch.float32, scale=1, offset=0):
    """A large tensor, and the formula for its values: arange(n) * scale + offset, cast to dtype."""
    n = math.prod(shape)
    t = (torch.arange(n, dtype=torch.float64) * scale + offset).to(dtype).reshape(shape)
    return t, {"arange": n, "scale": scale, "offset": offset}


def add_ramp(name, *args, **kwargs):
    add(name, *ramp(*args, **kwargs))


# Every dtype: scalars, vectors, empties.
for dtype in DTYPES:
    name = short_name(dtype)
    add(f"0-d {name} 0", torch.tensor(0, dtype=dtype))
    add(f"0-d {name} 1", torch.tensor(1, dtype=dtype))
    add(f"0-d {name} 100", torch.tensor(100, dtype=dtype))
    add(f"1-d {name}", torch.tensor([0, 1, 2, 30, 100], dtype=dtype))
    add(f"one element {name}", torch.tensor([7], dtype=dtype))
    add(f"2-d {name}", torch.tensor([[1, 0, 3], [0, 50, 6]], dtype=dtype))
    add(f"3-d {name}", torch.arange(24).remainder(5).to(dtype).reshape(2, 3, 4))
    add(f"long row {name}", torch.arange(70).remainder(11).to(dtype))
    for shape in [(0,), (2, 0), (0, 3), (1, 0, 2)]:
        add(f"empty {shape} {name}", torch.empty(shape, dtype=dtype))
add("many empty dimensions", torch.empty((1,) * 25 + (0,), dtype=torch.int16))

# Integers.
for dtype in INTS:
    info = torch.iinfo(dtype)
    add(f"limits {short_name(dtype)}", torch.tensor([info.min, 0, info.max], dtype=dtype))
    add(f"maximum {short_name(dtype)}", torch.tensor(info.max, dtype=dtype))
add("int64 beyond doubles", torch.tensor([2**53 + 1, -(2**53) - 1, 2**62 + 3, 5]))
add("negative integers", torch.tensor([-1, -20, 300, 4]))
add("bool matrix", torch.tensor([[True, False], [False, False]]))
add("all true", torch.ones(30, dtype=torch.bool))
add("all false", torch.zeros(3, 3, dtype=torch.bool))

# Floats.
FLOAT_VALUES = {
    "integral": [1, 2, 3],
    "integral with negatives": [-1, 20, 300],
    "fractions": [0.1, 0.25, 1 / 3],
    "negative fractions": [-0.5, 1.5, -10.25],
    "zeros": [0, 0, 0],
    "negative zero": [-0.0, 0.0],
    "negative zero and a fraction": [-0.0, 0.5],
    "negative zero and large": [-0.0, 1e9],
    "nan": [NAN],
    "nan and integral": [NAN, 1, 2],
    "nan and wide integral": [NAN, 1, 2000],
    "nan and fraction": [NAN, 1.5],
    "nan and tiny": [NAN, 1e-6, -0.0],
    "inf": [INF],
    "infinities": [INF, -INF, NAN],
    "infinity and integral": [-INF, 1],
    "infinity and fraction": [-INF, 0.5, INF],
    "infinity and zero": [-INF, 0, -0.0],
    "infinity and wide": [INF, 1e-3, 1e6],
    "ratio 1000": [1, 1000],
    "ratio above 1000": [1, 1001],
    "ratio 1000 in fractions": [0.5, 500],
    "ratio above 1000 in fractions": [0.5, 500.5],
    "maximum 1e8": [1e8],
    "maximum above 1e8": [100000008],
    "maximum 1e8 with fraction": [123456.5, 1e8],
    "maximum above 1e8 with fraction": [12345678.5, 100000008],
    "minimum 1e-4": [1e-4],
    "minimum below 1e-4": [0.99e-4],
    "minimum near 1e-4": [0.0001, 0.00011, 0.05],
    "ones below 1e-4": [0.00009999, 0.05],
    "huge": [1e30, 1e30],
    "largest float32": [3.4028234663852886e38],
    "three-digit integral": [999, 1],
    "ties of four digits": [0.03125, 0.09375, 0.15625, 0.21875, -0.28125, 2.34375],
    "more ties": [i / 32 for i in range(1, 32)],
    "ties of exponents": [100005, 100015, 100025, 0.5],
    "large ties of exponents": [1000050, 3000150, 12345500, 98765500],
    "wide ties": [1.03125, 123456, 123455, 1234550, 10000.5],
    "ties that carry": [0.99995, 9.99995, 99.96875],
    "rounds to zero": [0.00011, 0.00013, 0.0004],
    "mixed width": [1.5, 22.25, 333.125, -444.0625],
    "exponents of both signs": [1e-20, 1e20],
    "single precision noise": [0.1, 0.2, 0.30000001192092896],
    "six digits": [123456.789, 999.5],
    "wide negatives": [-1e-5, -1e5, 1e5],
    "pi": [math.pi],
    "subnormal": [1e-40],
    "subnormal and one": [1e-40, 1],
}
for dtype in FLOATS:
    for name, values in FLOAT_VALUES.items():
        add(f"{name} {short_name(dtype)}", torch.tensor(values, dtype=dtype))
    for value in [0.5, -0.0, NAN, -INF, 1e9, 1e-7, 1234.5678, 99999.0, 1e8, 1e22]:
        add(f"0-d {short_name(dtype)} {value}", torch.tensor(value, dtype=dtype))
for name, values in {
    "three-digit exponents": [1e-200, 1e200, 5e-324],
    "three-digit exponents and nan": [1e-200, NAN],
    "largest": [1.7976931348623157e308],
    "beyond 1e21": [1e21, 1e22, 9e21],
    "beyond 1e21 with ones": [1e21, 1e18],
    "just above ratio 1000": [0.001, 1.0000000000000002],
    "just below 1e-4": [9.999999999999999e-05],
    "just above 1e8": [100000000.00000001, 100000000.00000003],
}.items():
    add(f"float64 {name}", torch.tensor(values, dtype=torch.float64))

# Wrapping and nesting.
for n in [10, 11, 12, 13, 17, 18, 19, 20, 40]:
    add(f"row of {n} fractions", torch.linspace(0, 1, n))
for n in [13, 14, 15, 16, 24, 25, 26]:
    add(f"row of {n} integers", torch.arange(n) * 3)
    add(f"row of {n} int32", torch.arange(n, dtype=torch.int32) * 7)
add("rows that wrap", torch.linspace(-1, 1, 48).reshape(2, 24))
add("rows that wrap in 3-d", torch.linspace(-1, 1, 80).reshape(2, 2, 20))
add("rows that wrap in sci mode", torch.logspace(-5, 5, 30).reshape(2, 15))
add("4-d", torch.arange(48.0).reshape(2, 2, 3, 4))
add("4-d of ones", torch.ones(1, 2, 1, 2))
add("5-d", torch.arange(16, dtype=torch.int16).reshape(2, 1, 2, 2, 2))
add("8-d", torch.zeros((1,) * 8, dtype=torch.float64))
add("column", torch.linspace(0, 1, 5).reshape(5, 1))
add("deep row that wraps", torch.arange(40.0).reshape(1, 1, 1, 1, 1, 1, 40))
add("80 wide int64", torch.full((10,), 10**17))
add("wider than a line", torch.tensor([[10**17] * 5] * 2).reshape(1, 1, 1, 2, 5))
add("1000 elements", *ramp((25, 40), torch.int64))
for n in range(20, 27):
    add(f"suffix at the edge {n}", torch.arange(n, dtype=torch.int8).remainder(10).to(torch.uint8))
    add(f"float64 suffix at the edge {n}", torch.arange(n, dtype=torch.float64).remainder(10))

# Summaries.
add_ramp("1001 integers", (1001,), torch.int64)
add_ramp("summary of fractions", (5000,), scale=0.25)
add_ramp("summary in sci mode", (5000,), scale=0.001)
add_ramp("summary of float64", (2000,), torch.float64, scale=1 / 3, offset=-10)
add_ramp("summary of bytes", (1024,), torch.uint8, scale=0.125)
add_ramp("summary of int16", (4096,), torch.int16, offset=-2048)
add_ramp("summary of bool", (1500,), torch.bool)
add_ramp("10 million", (10_000_000,))
add_ramp("10 million int32 in 2-d", (1000, 10000), torch.int32)
add_ramp("summary 2-d", (40, 50), torch.int64)
add_ramp("summary 2-d of fractions", (100, 100), scale=0.0625, offset=-3)
add_ramp("summary of few rows", (2, 2000), torch.int64)
add_ramp("summary of few columns", (2000, 2))
add_ramp("summary of six columns", (400, 6))
add_ramp("summary of seven columns", (400, 7))
add_ramp("summary of one row", (1, 1500))
add_ramp("summary 3-d", (20, 20, 20), torch.int64)
add_ramp("summary 3-d of fractions", (9, 11, 13), scale=0.125)
add_ramp("summary 3-d, one short dimension", (2, 30, 30), torch.float64, scale=0.5)
add_ramp("summary 4-d", (7, 8, 2, 10), torch.int32)
# All values together would span a factor above 1000; the shown ones do not.
add_ramp("hidden small values", (3000,), torch.float64, offset=-1500)
add_ramp("summary of one value", (2000,), torch.float64, scale=0, offset=3)

# Gradients.
x = torch.tensor([1.0, 2.0, 3.5], requires_grad=True)
m = torch.linspace(-2, 2, 12).reshape(3, 4).requires_grad_()
add("leaf", x)
add("leaf matrix", m)
add("0-d leaf", torch.tensor(2.0, requires_grad=True))
add("float64 leaf", torch.tensor([0.5], dtype=torch.float64, requires_grad=True))
add("empty leaf", torch.empty(0, requires_grad=True))
add("empty 2-d float64 leaf", torch.empty(3, 0, dtype=torch.float64, requires_grad=True))
add("long leaf", torch.linspace(0, 1, 30).requires_grad_())
for name, t in {
    "mul": x * 2,
    "add": x + x,
    "sub": m - 1,
    "div": m / 3,
    "sum": m.sum(),
    "mean": m.mean(0),
    "exp": m.exp(),
    "relu": m.relu(),
    "view": m.view(4, 3),
    "reshape": m.reshape(2, 6),
    "transpose": m.t(),
    "matmul": m @ m.t(),
    "select": m[0],
    "index": m[torch.tensor([0, 2])],
    "log_softmax": torch.log_softmax(m, 1),
    "cat": torch.cat([x, x]),
    "unsqueeze": x.unsqueeze(0),
    "expand": x.expand(2, 3),
    "pow": x**2,
    "clone": x.clone(),
    "to float64": m.double(),
    "tanh of float64": torch.tanh(m.double()),
    "empty slice": x[:0] * 2,
    "copy slices": (lambda t: (t.__setitem__(0, 9.0), t)[1])(m.clone()),
    "detached": m.detach(),
}.items():
    add(f"grad_fn {name}", t)
for n in range(4, 14):
    add(f"grad_fn at the edge {n}", torch.linspace(0, 1, n, requires_grad=True) * 1)
for n in range(4, 12):
    t = torch.linspace(0, 1, n, dtype=torch.float64, requires_grad=True)
    add(f"two suffixes at the edge {n}", torch.log_softmax(t, 0))

# Random tensors.
for i in range(300):
    shape = [random.randint(1, 4) for _ in range(random.randint(0, 3))]
    if random.random() < 0.15:
        shape = [random.randint(1, 3), random.randint(5, 16)]
    n = math.prod(shape)
    dtype = random.choice(DTYPES + FLOATS * 4)
    if dtype in FLOATS:
        spread = random.choice([0, 0, 1, 1, 2, 4, 10])
        center = random.choice([0, 0, 0, -4, -2, 3, 7])
        exponents = [center + random.uniform(-spread, spread) for _ in range(n)]
        values = [random.gauss(0, 1) * 10**exponent for exponent in exponents]
        kind = random.random()
        if kind < 0.25:
            values = [float(round(value)) for value in values]
        elif kind < 0.45:
            values = [round(value * 64) / 64 for value in values]
        if random.random() < 0.25:
            values[random.randrange(n)] = random.choice([NAN, INF, -INF, -0.0, 0.0])
    elif dtype == torch.bool:
        values = [random.random() < 0.5 for _ in range(n)]
    else:
        info = torch.iinfo(dtype)
        limit = min(info.max, 10 ** random.randint(1, 18))
        values = [random.randint(max(info.min, -limit), limit) for _ in range(n)]
    t = torch.tensor(values, dtype=dtype).reshape(shape)
    if dtype in FLOATS and random.random() < 0.15:
        t.requires_grad_()
    add(f"random {i}", t)

# Print options.
SUBJECTS = {
    "fractions": (torch.tensor([0.123456789, 12.5, 3.03125]), None),
    "integral": (torch.tensor([1.0, 20.0, 300.0]), None),
    "wide": (torch.tensor([1e-6, 1.5, 1e6, NAN]), None),
    "zeros": (torch.zeros(3), None),
    "beyond 1e21": (torch.tensor([1.5e21, 0.25, -1e22]), None),
    "integers": (torch.arange(40), None),
    "leaf": (torch.linspace(0, 1, 12, dtype=torch.float64).requires_grad_(), None),
    "ramp 1-d": ramp((1200,)),
    "ramp 2-d": ramp((12, 12), torch.float32, 0.5, 0),
}
OPTIONS = [
    {"precision": 0},
    {"precision": 2},
    {"precision": 10},
    {"sciMode": True},
    {"sciMode": False},
    {"sciMode": True, "precision": 1},
    {"threshold": 10},
    {"threshold": 0},
    {"threshold": 30, "edgeitems": 1},
    {"threshold": 20, "edgeitems": 5, "linewidth": 40},
    {"linewidth": 1},
    {"linewidth": 30},
    {"linewidth": 120},
    {"profile": "short"},
    {"profile": "short", "precision": 3, "sciMode": True},
    {"profile": "default"},
]
for options in OPTIONS:
    torch.set_printoptions(profile="default")
    names = {"sciMode": "sci_mode"}
    torch.set_printoptions(**{names.get(name, name): value for name, value in options.items()})
    for name, (t, values) in SUBJECTS.items():
        option_cases.append({"options": options, **describe(name, t, values)})
torch.set_printoptions(profile="full")
full = describe("full", *ramp((11, 100), torch.int64))
option_cases.append({"options": {"profile": "full"}, **full})
torch.set_printoptions(profile="default")

path = Path(__file__).with_suffix(".json")
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
option_lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in option_cases)
path.write_text(f'{{"cases":[\n{lines}\n],\n"options":[\n{option_lines}\n]}}\n')
print(len(cases), "cases,", len(option_cases), "with options,", path.stat().st_size, "bytes")
