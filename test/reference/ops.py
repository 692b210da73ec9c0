"""Writes ops.json: what PyTorch gives for every operation, dtype by dtype.

A case is [arguments, result] or [arguments, result, scale]. Tensors are kept once each, in `tensors`, and named by
their place there; a result of -1 says that PyTorch raises. `scale` is what the error of a floating-point result is
measured against, element by element: the sum of the magnitudes that were added up.
"""

import functools
import itertools
import json
import re
from pathlib import Path

import mpmath
import numpy as np
import torch

torch.set_num_threads(1)
mpmath.mp.dps = 80

FLOATS = [torch.float32, torch.float64]
INTS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
DTYPES = [*FLOATS, *INTS, torch.bool]
NUMERIC = [*FLOATS, *INTS]
NAME = {d: str(d).removeprefix("torch.") for d in DTYPES}
INF, NAN = float("inf"), float("nan")

tensors = []
places = {}
cases = {}


class Big(int):
    """A bigint argument."""


class Pinned:
    """A tensor argument that the test lays out in one way only."""

    def __init__(self, x, layout):
        self.x, self.layout = x, layout


class Ramp:
    """A large tensor that the test makes itself: element i is (a · i mod m) − s."""

    def __init__(self, dtype, shape, a, m, s):
        self.rule = [a, m, s]
        i = np.arange(int(np.prod(shape)), dtype=np.int64)
        self.x = torch.from_numpy((i * a) % m - s).reshape(shape).to(dtype)


def number(x):
    """The shortest text of a number that reads back as it."""
    if x != x:
        return '"nan"'
    if x in (INF, -INF):
        return '"inf"' if x > 0 else '"-inf"'
    if isinstance(x, int):
        return f'"{x}"' if abs(x) > 2**53 else str(x)
    if x == int(x) and abs(x) < 1e15:
        return "-0.0" if x == 0 and str(x)[0] == "-" else str(int(x))
    return repr(x)


def values(x):
    if x.dtype == torch.bool:
        return '"' + "".join("1" if v else "0" for v in x.flatten().tolist()) + '"'
    flat = x.detach().contiguous().flatten()
    if x.dtype == torch.float32:
        flat = [float(str(v)) for v in flat.numpy()]
    else:
        flat = flat.tolist()
    return "[" + ",".join(number(v) for v in flat) + "]"


def sizes(x):
    return json.dumps(list(x.shape), separators=(",", ":"))


def keep(text):
    place = places.get(text)
    if place is None:
        place = places[text] = len(tensors)
        tensors.append(text)
    return place


def place_of(x):
    if isinstance(x, Ramp):
        return keep(f'["{NAME[x.x.dtype]}",{sizes(x.x)},{{"ramp":{json.dumps(x.rule)}}}]')
    return keep(f'["{NAME[x.dtype]}",{sizes(x)},{values(x)}]')


def sampled(x):
    """A large result: every step-th element, and a weighted sum of all, exact because they are small integers."""
    flat = x.flatten().to(torch.int64)
    step = len(flat) // 24 + 1
    weights = torch.arange(len(flat)) % 1009 + 1
    shown = values(flat[::step])
    return keep(
        f'["{NAME[x.dtype]}",{sizes(x)},{{"step":{step},"shown":{shown},"sum":{int((flat * weights).sum())}}}]'
    )


def camel(name):
    return re.sub(r"(?<=.)_([a-z])", lambda m: m[1].upper(), name)


def encode(x):
    if isinstance(x, Pinned):
        return f'{{"x":{place_of(x.x)},"layout":"{x.layout}"}}'
    if isinstance(x, (torch.Tensor, Ramp)):
        return f'{{"x":{place_of(x)}}}'
    if isinstance(x, torch.dtype):
        return f'"{NAME[x]}"'
    if isinstance(x, bool) or x is None or isinstance(x, str):
        return json.dumps(x)
    if isinstance(x, (Big, int)):
        return f'{{"big":"{x}"}}' if isinstance(x, Big) or abs(x) > 2**53 else str(x)
    if isinstance(x, float):
        text = number(x)
        return f'{{"number":{text}}}' if text[0] == '"' else text
    if isinstance(x, (list, tuple)):
        return "[" + ",".join(encode(v) for v in x) + "]"
    if isinstance(x, dict):
        inner = ",".join(f'"{camel(k)}":{encode(v)}' for k, v in x.items())
        return f'{{"options":{{{inner}}}}}'
    raise TypeError(type(x))


def bare(x):
    """The arguments as PyTorch takes them."""
    if isinstance(x, (Pinned, Ramp)):
        return x.x
    if isinstance(x, (list, tuple)):
        return [bare(v) for v in x]
    return x


def rounded(x):
    return keep(
        f'["float64",{sizes(x)},[' + ",".join(number(float(f"{v:.3g}")) for v in x.flatten().double().tolist()) + "]]"
    )


def encode_result(out, large):
    if isinstance(out, torch.dtype):
        return f'"{NAME[out]}"'
    if isinstance(out, torch.Tensor):
        return str(sampled(out) if large else place_of(out))
    return "[" + ",".join(encode_result(x, large) for x in out) + "]"


seen = set()


def record(op, args, fn, scale=None, large=False):
    """One case of nabla's `op`; fn computes PyTorch's result, scale what errors are relative to."""
    try:
        out = fn()
    except (RuntimeError, IndexError, TypeError, ValueError, ZeroDivisionError, NotImplementedError):
        out = None
    text = "[" + encode(list(args)) + "," + ("-1" if out is None else encode_result(out, large))
    if out is not None and scale is not None and (not isinstance(out, torch.Tensor) or out.is_floating_point()):
        text += "," + str(rounded(scale()))
    text += "]"
    if (op, text) not in seen:
        seen.add((op, text))
        cases.setdefault(op, []).append(text)


def snake(name):
    return re.sub(r"(?<=[a-z])([A-Z])", lambda m: "_" + m[1].lower(), name)


def call(op, *args, scale=None, large=False, **options):
    """A case whose arguments PyTorch's function of the same name takes too."""
    fn = getattr(torch, snake(op), None) or getattr(torch.Tensor, snake(op), None) or getattr(F, op)
    shown = [*args, options] if options else args
    given = [bare(x) for x in args]
    record(op, shown, lambda: fn(*given, **options), scale, large)


# ---------------------------------------------------------------------------------------------- inputs

rng = np.random.RandomState(20250)


def make(dtype, *shape, low=-9, high=9, no_zero=False):
    """Random elements: small integers, or floats of about the same size."""
    if dtype == torch.bool:
        return torch.from_numpy(np.asarray(rng.rand(*shape) < 0.5))
    if dtype == torch.uint8:
        low = max(low, 0)
    if dtype in FLOATS:
        # Few digits keep the table small, and no result is exact for that.
        x = np.round(rng.uniform(low, high, shape), 3 if dtype == torch.float32 else 5)
    else:
        x = rng.randint(low, high + 1, shape)
    x = np.asarray(x)
    if no_zero:
        x = np.where(x == 0, 1, x)
    return torch.from_numpy(x).to(dtype)


SPECIAL = [
    NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 2.0, 3.0, -3.0, 1e-8, -1e-8, 1e-40, 0.25,
    -0.75, 0.999, 8.75, -9.5, 20.5, -30.0, 88.5, -100.5, 710.0, 12345.678, 1e20, -3e38,
]  # fmt: skip
PAIRED = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, -1e-40, 7.25, 1e30]


def extremes(dtype):
    if dtype == torch.bool:
        return torch.tensor([True, False, True])
    if dtype in FLOATS:
        return torch.tensor(SPECIAL, dtype=dtype)
    info = torch.iinfo(dtype)
    low = [info.min, info.min + 1, -7, -2, -1] if info.min < 0 else []
    return torch.tensor([*low, 0, 1, 2, 3, 7, 100, info.max - 1, info.max], dtype=dtype)


def paired(dtype):
    if dtype in FLOATS:
        return torch.tensor(PAIRED, dtype=dtype)
    if dtype == torch.bool:
        return torch.tensor([True, False])
    info = torch.iinfo(dtype)
    return torch.tensor([*([info.min, -3, -1] if info.min < 0 else []), 0, 1, 2, 5, info.max], dtype=dtype)


def expanded(x, *shape):
    """Repeats along dims of size one, so that the test can lay it out with strides of zero."""
    return x.expand(*shape).contiguous()


MATRIX = {d: make(d, 5, 7) for d in DTYPES}
TWELVE = {d: make(d, 3, 4) for d in DTYPES}
OTHER = {d: make(d, 3, 4, no_zero=True) for d in DTYPES}
CUBE = {d: make(d, 3, 4, 5, low=-3, high=3) for d in DTYPES}
EMPTY = {d: torch.empty(2, 0, 3, dtype=d) for d in DTYPES}
SCALAR = {d: make(d, low=2, high=9) for d in DTYPES}

# ---------------------------------------------------------------------------------------------- elementwise

UNARY = """neg abs sign floor ceil round trunc relu reciprocal square sqrt rsqrt exp exp2 expm1 log log2 log10 log1p
sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf erfc bitwiseNot logicalNot isnan isinf
isfinite""".split()
BINARY = """add sub mul div pow floorDivide remainder fmod atan2 hypot maximum minimum bitwiseAnd bitwiseOr bitwiseXor
eq ne lt le gt ge logicalAnd logicalOr logicalXor""".split()
INTEGER_DIVISION = {"floorDivide", "remainder", "fmod"}
NO_IN_PLACE = set("isnan isinf isfinite maximum minimum logicalNot".split()) | set(BINARY[15:])


def unary():
    for op in UNARY:
        for d in DTYPES:
            for x in (MATRIX[d], extremes(d), SCALAR[d], EMPTY[d]):
                call(op, x)
        call(op, expanded(MATRIX[torch.float32][:, :1], 5, 4))


def safe_divisor(op, a, b):
    """The least integer divided by −1 ends the process in PyTorch."""
    if op in INTEGER_DIVISION and not (a.is_floating_point() or b.is_floating_point()):
        return b[b > 0] if (b > 0).any() else b
    return b


def binary():
    for op in BINARY:
        for a, b in itertools.product(DTYPES, DTYPES):
            # PyTorch's integer powers of negative exponents are exact; large ones wrap.
            call(op, TWELVE[a], OTHER[b])
        for d in DTYPES:
            x = paired(d)
            call(op, x.unsqueeze(1), safe_divisor(op, x, x))
            call(op, SCALAR[d], OTHER[d])
            call(op, OTHER[d], SCALAR[d])
            call(op, SCALAR[d], SCALAR[torch.int64])
            call(op, EMPTY[d], EMPTY[d])
            call(op, EMPTY[d], SCALAR[d])
        x = MATRIX[torch.float64]
        call(op, x, make(torch.float64, 7))
        call(op, make(torch.float64, 5, 1), make(torch.float64, 7))
        call(op, make(torch.float64, 2, 1, 3), make(torch.float64, 4, 1))
        call(op, expanded(make(torch.float64, 3, 1), 3, 4), OTHER[torch.float64])
        call(op, expanded(make(torch.float64, 1, 4), 3, 4), expanded(make(torch.float64, 3, 1), 3, 4))
        call(op, torch.empty(0), torch.ones(1))
        call(op, torch.empty(2, 0, 3), torch.ones(3))
        call(op, torch.ones(2, 3), torch.ones(4))
        call(op, torch.ones(2, 3), torch.ones(2))
        call(op, torch.empty(0), torch.ones(2))
        scalars(op)


# A number on the left stands for a Python scalar; PyTorch's functions take one on the right only.
def scalars(op):
    fn = getattr(torch, snake(op))
    compares = op in ("eq", "ne", "lt", "le", "gt", "ge")
    for d in DTYPES:
        x = OTHER[d]
        for s in (2, -3, 2.5, -0.75, True, Big(3), 0, NAN, INF, 300):
            if d == torch.uint8 and compares and s in (-3, 300) or d == torch.int8 and compares and s == 300:
                continue  # nabla compares with the number itself, PyTorch with what it wraps to
            number_ = int(s) if isinstance(s, Big) else s
            wide = torch.tensor(s, dtype=torch.float64 if isinstance(s, float) else None)

            def compute(wide=wide, number_=number_):
                try:
                    return fn(x, number_)
                except TypeError:  # takes tensors only: a 0-d one of the type that the number has
                    return fn(x, wide.to(torch.float32) if wide.is_floating_point() else wide)

            if not (op in INTEGER_DIVISION and s == 0):
                record(op, [x, s], compute)
            if isinstance(s, Big) or (op in INTEGER_DIVISION and s == 300):
                continue
            zero = wide.to(torch.float32) if wide.is_floating_point() else wide
            if op in INTEGER_DIVISION and s is True and d == torch.bool:
                continue
            record(op, [number_, x], lambda zero=zero: fn(zero, x))


def division():
    for op in sorted(INTEGER_DIVISION):
        for d in NUMERIC:
            call(op, OTHER[d], torch.zeros(3, 1, dtype=d))
            call(op, OTHER[d], 0)
    for mode in (None, "floor", "trunc"):
        for a, b in ((a, b) for a in DTYPES for b in (a, torch.int32, torch.float32)):
            record(
                "div",
                [TWELVE[a], OTHER[b], {"rounding_mode": mode}],
                lambda a=a, b=b: torch.div(TWELVE[a], OTHER[b], rounding_mode=mode),
            )
    x = paired(torch.float64)
    for mode in ("floor", "trunc"):
        call("div", x.unsqueeze(1), x, rounding_mode=mode)
    for op in ("add", "sub"):
        for d in NUMERIC:
            # PyTorch rounds x + alpha · y once.
            scale = lambda d=d: absolute(TWELVE[d]) + 3 * absolute(OTHER[d])
            call(op, TWELVE[d], OTHER[d], alpha=3, scale=scale)
            call(op, TWELVE[d], OTHER[d], alpha=-2, scale=scale)
        call(op, TWELVE[torch.float64], OTHER[torch.float64], alpha=0.5)
        call(op, TWELVE[torch.int64], OTHER[torch.int64], alpha=0.5)
    for d in DTYPES:
        for s in (0, 1, 2, 3, 0.5, -1, -0.5, -2, 7):
            call("pow", TWELVE[d], s)
        call("pow", TWELVE[d], torch.tensor(2))
    for d in FLOATS:
        for s in (0, 1, 2, 3, 0.5, -0.5, -1, -2, 1.5):
            call("pow", extremes(d), s)
            write("pow", extremes(d), s)
    for d in (torch.int32, torch.uint8, torch.bool):
        for s in (1, 2, 3, 0.5, -1):
            write("pow", TWELVE[d], s)


def choice():
    condition = make(torch.bool, 3, 4)
    for a, b in itertools.product(DTYPES, DTYPES):
        call("where", condition, TWELVE[a], OTHER[b])
    for d in DTYPES:
        for s in (2, -1.5, True, NAN):
            call("where", condition, TWELVE[d], s)
            call("where", condition, s, OTHER[d])
    x = torch.tensor(SPECIAL)
    call("where", torch.isnan(x), torch.tensor(0.0), x)
    call("where", condition[:, :1], TWELVE[torch.int16], make(torch.int16, 4))
    call("where", expanded(condition[:1], 3, 4), TWELVE[torch.float32], expanded(SCALAR[torch.float32], 3, 4))
    call("where", torch.tensor(True), SCALAR[torch.int8], TWELVE[torch.int8])
    call("where", torch.empty(0, dtype=torch.bool), torch.empty(0), torch.tensor(1.0))
    call("where", TWELVE[torch.float32], TWELVE[torch.float32], TWELVE[torch.float32])
    call("where", condition, torch.ones(5), torch.ones(4))
    for d in DTYPES:
        x = MATRIX[d]
        for low, high in ((-2, 3), (1, 4), (2, None), (None, 2), (5, 1), (0.5, 2.5), (None, 1.5), (NAN, 1), (0, NAN)):
            shown = {k: v for k, v in (("min", low), ("max", high)) if v is not None}
            if d == torch.uint8 and low == -2 or NAN in (low, high) and d not in FLOATS:
                continue
            record("clamp", [x, shown], lambda x=x, low=low, high=high: torch.clamp(x, low, high))
            record("clamp", [x, low, high], lambda x=x, low=low, high=high: torch.clamp(x, low, high))
        call("clamp", TWELVE[d], OTHER[d], OTHER[d])
        call("clamp", TWELVE[d], make(d, 4), make(d, 3, 1))
        call("clamp", TWELVE[d], make(d, 4))
        call("clamp", SCALAR[d], make(d, 4))
        call("clamp", EMPTY[d], SCALAR[d], SCALAR[d])
        if d in FLOATS:
            call("clamp", extremes(d), -1, 5)
            call("clamp", extremes(d), torch.tensor(NAN, dtype=d), torch.tensor(1, dtype=d))
            call("clamp", extremes(d), torch.tensor(-1, dtype=d), torch.tensor(NAN, dtype=d))
            call("clamp", extremes(d), -INF, INF)
    call("clamp", TWELVE[torch.int32], TWELVE[torch.float32], SCALAR[torch.int64])
    record("clamp", [TWELVE[torch.float32]], lambda: torch.clamp(TWELVE[torch.float32]))


def in_place():
    for op in UNARY:
        if op in NO_IN_PLACE:
            continue
        for d in DTYPES:
            for x in (MATRIX[d], extremes(d), SCALAR[d], EMPTY[d]):
                write(op, x)
    for op in BINARY:
        if op in NO_IN_PLACE:
            continue
        for a, b in itertools.product(DTYPES, DTYPES):
            write(op, TWELVE[a], OTHER[b])
        for d in DTYPES:
            for s in (2, 2.5, True, -3):
                write(op, TWELVE[d], s)
            write(op, EMPTY[d], SCALAR[d])
            write(op, SCALAR[d], OTHER[d])
        x = TWELVE[torch.float64]
        write(op, x, make(torch.float64, 4))
        write(op, x, make(torch.float64, 3, 1))
        write(op, x, SCALAR[torch.float64])
        write(op, x, make(torch.float64, 2, 3, 4))
        write(op, x, make(torch.float64, 5))
    for op in ("add", "sub"):
        write(op, TWELVE[torch.float32], OTHER[torch.float32], alpha=4)
        write(op, TWELVE[torch.int32], OTHER[torch.int32], alpha=0.5)
    for mode in ("floor", "trunc"):
        for d in (torch.float32, torch.int32):
            write("div", TWELVE[d], OTHER[d], rounding_mode=mode)
    for d in DTYPES:
        x = TWELVE[d]
        for low, high in ((1, 4), (2, None), (None, 2), (0.5, 2.5)):
            write("clamp", x, low, high)
        write("clamp", x, make(d, 4), make(d, 3, 1))
        write("clamp", x, make(torch.float64, 4), make(torch.float64, 3, 1))
        for s in (0, 1, 3, True):
            write("fill", x, s)
        write("fill", x, SCALAR[d])
        write("fill", x, make(d, 4))
        write("zero", x)
        write("zero", EMPTY[d])
        write("fill", EMPTY[d], 1)
        for e in DTYPES:
            write("copy", x, OTHER[e])
        write("copy", x, make(d, 4))
        write("copy", x, make(d, 5))
        write("copy", x, make(d, 2, 3, 4))
        write("copy", x, 1, fn=lambda y: y.copy_(torch.tensor(1)))
    write("fill", TWELVE[torch.float32], NAN)
    write("fill", TWELVE[torch.float64], -INF)
    write("fill", TWELVE[torch.float32], 0.1)
    write("fill", TWELVE[torch.int64], 2**62 + 1)


def write(op, x, *rest, fn=None, **options):
    method = fn or (lambda y: getattr(y, snake(op) + "_")(*rest, **options))
    record(op + "_", [x, *rest, options] if options else [x, *rest], lambda: method(x.clone()))


# ---------------------------------------------------------------------------------------------- activations, gamma functions

F = torch.nn.functional


def widely(fn, x):
    """What fn gives in double, rounded to the dtype of the result."""
    return fn(x.double()).to(x.dtype if x.is_floating_point() else torch.float32)


def polygamma(n, x):
    """By mpmath: PyTorch's second derivative of lgamma has ten digits, and at poles none."""
    torch.polygamma(n, x)  # for its errors
    of = lambda v: v if v != v else (INF if n % 2 else -INF) if v == 0 else float(mpmath.psi(n, v))
    return x.new_tensor([of(v) for v in x.flatten().tolist()]).reshape(x.shape)


def activations():
    for d in DTYPES:
        for x in (MATRIX[d], extremes(d), SCALAR[d], EMPTY[d]):
            record("cbrt", [x], lambda x=x: widely(lambda y: torch.as_tensor(np.cbrt(y.numpy())), x))
            record("silu", [x], lambda x=x: F.silu(x))
            if d in FLOATS:
                # PyTorch's 1 + erf(x) has no digits left for negative x.
                normal = lambda y: 0.5 * y * torch.erfc(y * -(0.5**0.5))
                scale = lambda x=x: (absolute(x) ** 2 + 4).clamp(max=1e4) * absolute(widely(normal, x))
                record("gelu", [x], lambda x=x: widely(normal, x), scale)
            else:
                record("gelu", [x], lambda x=x: F.gelu(x))
            record("gelu", [x, {"approximate": "tanh"}], lambda x=x: F.gelu(x, approximate="tanh"), lambda x=x: absolute(x))
            for options in ({}, {"beta": 2}, {"beta": 0.5, "threshold": 1}, {"beta": -1}, {"beta": 0}):
                shown = [x, options] if options else [x]
                record("softplus", shown, lambda x=x, options=options: F.softplus(x, **options))
            for op in ("lgamma", "digamma"):
                fn = getattr(torch, op)
                scale = lambda x=x, fn=fn: 1 + absolute(fn(x.double()))
                record(op, [x], lambda x=x, fn=fn: widely(fn, x), scale)
                # PyTorch refuses to write a float over an integer.
                written = lambda x=x, fn=fn, op=op: widely(fn, x) if x.is_floating_point() else getattr(x.clone(), op + "_")()
                record(op + "_", [x], written, scale)
        x = MATRIX[d].abs() if d in FLOATS else MATRIX[d]
        if d not in FLOATS:
            x = x.clamp(min=1) if d != torch.bool else torch.tensor([True])
        for n in (1, 2, 3, 6):
            fn = lambda y, n=n: polygamma(n, y)
            scale = lambda x=x, fn=fn: 1 + 4 * absolute(fn(x.double()))
            record("polygamma", [n, x], lambda x=x, fn=fn: widely(fn, x), scale)
            written = lambda x=x, fn=fn, n=n: widely(fn, x) if x.is_floating_point() else x.clone().polygamma_(n)
            record("polygamma_", [x, n], written, scale)
    record("gelu", [torch.ones(2), {"approximate": "other"}], lambda: F.gelu(torch.ones(2), approximate="other"))
    points = torch.tensor([0.5, 1, 1.5, -0.5, -2.5, -9.5, -0.75, 1e-3, 8.75, 20.5, 100.5, -30.25, 12345.678, NAN, 0.0], dtype=torch.float64)
    for n in (1, 2, 3, 4, 9, 30):
        record("polygamma", [n, points], lambda n=n: polygamma(n, points), lambda n=n: 10 * absolute(polygamma(n, points)) + 1)
    call("polygamma", 0, points, scale=lambda: 1 + absolute(torch.digamma(points)))
    for n in (-1, 1.5):
        record("polygamma", [n, points], lambda n=n: torch.polygamma(n, points))


# ---------------------------------------------------------------------------------------------- reductions

def absolute(x):
    return torch.nan_to_num(x.detach().double().abs(), 1, 1, 1)


def reductions():
    with_nan = CUBE[torch.float32].clone()
    with_nan[1, 2, 3] = with_nan[0, 0, 0] = NAN
    with_nan[2, 1] = INF
    with_nan[2, 1, 1] = -INF
    inputs = [*CUBE.values(), *SCALAR.values(), *EMPTY.values(), with_nan]
    inputs += [extremes(d)[1:] if d in FLOATS else extremes(d) for d in DTYPES]
    inputs += [torch.tensor(v) for v in ([-0.0, 0.0], [0.0, -0.0], [NAN, 1.0, NAN], [-INF, -INF], [INF, -INF])]
    inputs += [expanded(make(torch.float32, 3, 1), 3, 5), expanded(make(torch.int16, 1, 5), 4, 5)]
    inputs += [torch.empty(0), torch.empty(0, 3), torch.empty(3, 0)]
    for x in inputs:
        dims = range(-x.dim(), x.dim()) if x.dim() > 0 else (0, -1)
        several = [[0, 2], [2, 1], [0, 1, 2], [-1, 0]] if x.dim() == 3 else [[0]]
        for op in ("sum", "mean", "prod", "amax", "amin", "any", "all"):
            fold(op, x)
            for dim in dims:
                fold(op, x, dim)
                fold(op, x, dim, keepdim=True)
            if op in ("sum", "mean", "amax", "amin"):
                for dim in (*several, []):
                    fold(op, x, dim)
                    fold(op, x, dim, keepdim=True)
        for op in ("argmax", "argmin"):
            call(op, x)
            for dim in dims:
                call(op, x, dim)
                call(op, x, dim, keepdim=True)
        for op in ("max", "min"):
            call(op, x)
            for dim in dims:
                call(op, x, dim)
                call(op, x, dim, keepdim=True)
        for dim in dims:
            running(x, dim)
            for op in ("softmax", "logSoftmax"):
                if x.is_floating_point() or x.numel() > 0:  # PyTorch gives integers where there are none
                    soft(op, x, dim)
            soft("logsumexp", x, dim)
            soft("logsumexp", x, dim, keepdim=True)
        for dim in several:
            soft("logsumexp", x, dim)
            soft("logsumexp", x, dim, keepdim=True)
    x = CUBE[torch.float32]
    for op in ("sum", "mean", "amax", "amin", "logsumexp"):
        for dim in (3, -4, [0, 0], [1, -2]):
            call(op, x, dim)
    for op in ("prod", "any", "all", "argmax", "argmin", "max", "min", "cumsum", "softmax", "logSoftmax"):
        for dim in (3, -4):
            call(op, x, dim)
    for op in ("sum", "mean", "prod"):
        for d in DTYPES:
            fold(op, CUBE[d], dtype=torch.float64)
            fold(op, CUBE[d], 1, dtype=torch.float32)
            fold(op, CUBE[d], -1, dtype=torch.int64)
            fold(op, CUBE[d], 0, keepdim=True, dtype=torch.int32)
    for d in DTYPES:
        running(CUBE[d], 1, dtype=torch.float64)
        running(CUBE[d], 0, dtype=torch.int32)
        soft("softmax", CUBE[d], 1, dtype=torch.float64)
        soft("logSoftmax", CUBE[d], 2, dtype=torch.float32)
    wide = torch.tensor([[1000.0, 1000.5, -1000.0], [-1e4, 0.0, 1e4]])
    for op in ("softmax", "logSoftmax", "logsumexp"):
        soft(op, wide, 0)
        soft(op, wide, 1)
    for d in DTYPES:
        for op in ("max", "min"):
            call(op, TWELVE[d], OTHER[d])
            call(op, TWELVE[d], OTHER[torch.int16])
    large()


def fold(op, x, *dim, **options):
    scale = None
    if x.is_floating_point() or options.get("dtype") in FLOATS:
        if op in ("sum", "mean"):
            scale = lambda: getattr(torch, op)(absolute(x), *dim, **{k: v for k, v in options.items() if k != "dtype"})
        if op == "prod":
            scale = lambda: 4 * absolute(torch.prod(x, *dim, **options))
    call(op, x, *dim, scale=scale, **options)


def folded_inputs():
    with_nan = CUBE[torch.float32].clone()
    with_nan[1, 2, 3] = with_nan[0, 0, 0] = with_nan[1, 2, 0] = NAN
    ties = (make(torch.float64, 4, 6, low=-2, high=2) * 2).round()
    ties[2] = ties[2, 0]
    inputs = [*CUBE.values(), *SCALAR.values(), *EMPTY.values(), with_nan, ties]
    inputs += [torch.tensor(v) for v in ([-0.0, 0.0], [NAN, 1.0, NAN], [NAN], [-INF, -INF, 1.0], [INF, 3.0])]
    inputs += [expanded(make(torch.float32, 3, 1), 3, 5), expanded(make(torch.int16, 1, 5), 4, 5)]
    return [*inputs, torch.empty(0), torch.empty(0, 3), torch.empty(3, 0)]


def dims_of(x):
    return range(-x.dim(), x.dim()) if x.dim() > 0 else (0, -1)


def statistics():
    for x in folded_inputs():
        several = [[0, 2], [-1, 0], [0, 1, 2], []] if x.dim() == 3 else [[0], []]
        relative = lambda out: 8 * absolute(out)
        for op in ("var", "std", "varMean", "stdMean"):
            if op.endswith("Mean") and x.is_floating_point() and torch.isinf(x).any():
                continue  # PyTorch's mean of an infinity is nan there
            fn = getattr(torch, snake(op))
            if x.is_floating_point() and x.numel() > 0:
                scale = lambda **o: lambda fn=fn, x=x, o=o: spread_of(fn(x, **o), x)
            else:
                scale = lambda **o: None
            record(op, [x], lambda x=x, fn=fn: fn(x, unbiased=True), scale(unbiased=True))
            for dim in (*dims_of(x), *several):
                for o in ({"correction": 1}, {"correction": 0, "keepdim": True}, {"correction": 4}):
                    o = {"dim": dim, **o}
                    shown = {k: v for k, v in o.items() if k != "dim"}
                    record(op, [x, dim, shown], lambda x=x, fn=fn, o=o: fn(x, **o), scale(**o))
        if x.is_floating_point():
            for p in ("fro", 0, 1, 2, 3, 0.5, INF, -INF, -1):
                scale = lambda *a, p=p, **o: lambda x=x, p=p, a=a, o=o: relative(torch.norm(x, p, *a, **o))
                call("norm", x, p, scale=scale())
                for dim in (*dims_of(x), *several):
                    call("norm", x, p, dim, scale=scale(dim))
                    call("norm", x, p, dim, keepdim=True, scale=scale(dim, keepdim=True))
        else:
            call("norm", x)
        for op in ("nansum", "nanmean"):
            numbers = absolute(torch.where(torch.isnan(x), 0, x)) if x.is_floating_point() else x.double()
            fn = torch.sum if op == "nansum" else torch.mean
            total = lambda *a, fn=fn, numbers=numbers, **o: lambda: 4 * torch.sum(numbers, *a, **o)
            call(op, x, scale=total())
            for dim in (*dims_of(x), *several):
                call(op, x, dim, scale=total(dim))
                call(op, x, dim, keepdim=True, scale=total(dim, keepdim=True))
        call("countNonzero", x)
        for dim in (*dims_of(x), *several):
            call("countNonzero", x, dim)
        call("aminmax", x)
        call("aminmax", x, keepdim=True)
        for dim in dims_of(x):
            call("aminmax", x, dim=dim)
            if x.dim() > 0:  # PyTorch gives a 0-d tensor a dim here
                call("aminmax", x, dim=dim, keepdim=True)
        for dim in dims_of(x):
            call("cumprod", x, dim, scale=lambda x=x, dim=dim: relative(torch.cumprod(x, dim)))
            call("cummax", x, dim)
            call("cummin", x, dim)
            scale = lambda x=x, dim=dim: absolute(torch.logcumsumexp(x, dim)) + 1
            call("logcumsumexp", x, dim, scale=scale)
            if x.is_floating_point() or x.numel() > 0:
                soft("softmin", x, dim)
            order(x, dim)
        for op in ("median", "nanmedian"):
            if x.numel() > 0 or x.is_floating_point():
                call(op, x)
    x = CUBE[torch.float32]
    for op in ("var", "std", "norm", "nansum", "nanmean", "countNonzero"):
        for dim in (3, -4, [0, 0], [1, -2]):
            a = [x, 2, dim] if op == "norm" else [x, dim]
            o = {"correction": 1} if op in ("var", "std") else {}
            record(op, [*a, o] if o else a, lambda a=a, o=o, op=op: getattr(torch, snake(op))(*a, **o))
    for op in ("median", "nanmedian", "mode", "cumprod", "cummax", "cummin", "logcumsumexp"):
        for dim in (3, -4):
            call(op, x, dim)
    call("var", x, 0, correction=0.5)
    call("norm", x, "nuc")
    for d in DTYPES:
        call("cumprod", CUBE[d], 1, dtype=torch.float64, scale=lambda d=d: 8 * absolute(torch.cumprod(CUBE[d].double(), 1)))
        call("nansum", CUBE[d], 1, dtype=torch.float64, scale=lambda d=d: absolute(CUBE[d]).sum(1))
    call("norm", x, 2, 1, dtype=torch.float64, scale=lambda: 8 * absolute(torch.norm(x, 2, 1)))
    # What cancels where squares are added up before the mean is taken away.
    for d, offset in ((torch.float32, 3e4), (torch.float64, 3e9)):
        shifted = make(d, 6, 40) + offset
        for op in ("var", "std"):
            record(op, [shifted, 1], lambda op=op, y=shifted.double() - offset: getattr(torch, op)(y, 1).to(d), lambda: torch.full((6,), 200.0))
    wide = torch.tensor([[1000.0, 1000.5, -1000.0], [-1e4, 0.0, 1e4], [-INF, -INF, 3.0], [INF, 2.0, INF]])
    for op in ("logcumsumexp", "logsumexp"):
        for dim in (0, 1):
            call(op, wide, dim, scale=lambda op=op, dim=dim: absolute(getattr(torch, op)(wide, dim)))
    large_rows()
    quantiles()


def spread_of(out, x):
    """What errors of a variance are measured against."""
    one = out[0] if isinstance(out, tuple) else out
    return absolute(one) * 8 + absolute(x).max()


def order(x, dim):
    """PyTorch leaves open which of equal elements an index names; nabla's is the one that a stable sort gives."""
    n = x.shape[dim] if x.dim() > 0 else 1

    def by_rank(values, rank, keepdim):
        ordered, places = torch.sort(x, stable=True, dim=dim)
        rank = rank.expand_as(values if keepdim or x.dim() == 0 else values.unsqueeze(dim))
        index = torch.gather(places, dim, rank)
        same = torch.gather(ordered, dim, rank)
        if not keepdim and x.dim() > 0:
            index, same = index.squeeze(dim), same.squeeze(dim)
        assert torch.equal(torch.nan_to_num(same.double()), torch.nan_to_num(values.double()))
        return torch.gather(x, dim, index.unsqueeze(dim) if not keepdim and x.dim() > 0 else index).reshape(values.shape), index

    def counted():
        return (x == x).sum(dim, keepdim=True)

    def median(op, keepdim):
        values = getattr(torch, op)(x, dim, keepdim=keepdim).values
        count = counted()
        rank = (count - 1).clamp(min=0) // 2 if op == "nanmedian" else torch.where(count < n, count, (n - 1) // 2)
        return by_rank(values, rank, keepdim)

    for op in ("median", "nanmedian"):
        record(op, [x, dim], lambda op=op: median(op, False))
        record(op, [x, dim, {"keepdim": True}], lambda op=op: median(op, True))
    # PyTorch takes a bool where it has no dims.
    for k in {1, 2, n - 1, n, 0, n + 1} if x.dim() > 0 or x.dtype != torch.bool else ():
        for options in ({}, {"keepdim": True}):
            fn = lambda k=k, keepdim=bool(options): by_rank(
                torch.kthvalue(x, k, dim, keepdim=keepdim).values, torch.tensor(k - 1), keepdim
            )
            record("kthvalue", [x, k, dim, options] if options else [x, k, dim], fn)
            if dim == -1:
                record("kthvalue", [x, k, options] if options else [x, k], fn)
    if not (x.is_floating_point() and torch.isnan(x).any()):  # PyTorch's depends on their order
        record("mode", [x, dim], lambda: mode(x, dim))
        record("mode", [x, dim, {"keepdim": True}], lambda: mode(x, dim, keepdim=True))
        if dim == -1:
            record("mode", [x], lambda: mode(x, dim))


def mode(x, dim, keepdim=False):
    """With the index of the last occurrence; PyTorch's is that of small tensors."""
    values = torch.mode(x, dim, keepdim=True).values
    if x.dim() == 0:
        return values, torch.zeros((), dtype=torch.int64)
    places = torch.arange(x.shape[dim]).reshape([-1 if d == dim % x.dim() else 1 for d in range(x.dim())])
    index = torch.where(x == values, places, -1).amax(dim, keepdim=True)
    return (values, index) if keepdim else (values.squeeze(dim), index.squeeze(dim))


def large_rows():
    for d in DTYPES:
        rule = (7919, 2, 0) if d in (torch.bool, torch.uint8) else (7919, 101, 50)
        flat, square = Ramp(d, (30011,), *rule), Ramp(d, (37, 1200), *rule)
        for x, dims in ((flat, [0]), (square, [0, 1])):
            for dim in dims:
                for op in ("cummax", "cummin"):
                    call(op, x, dim, large=True)
                record("mode", [x, dim], lambda x=x, dim=dim: mode(x.x, dim), large=True)
                if d == torch.bool:
                    continue
                n = x.x.shape[dim]
                for k in (1, n // 3, n):
                    ordered, places = torch.sort(x.x, stable=True, dim=dim)
                    out = ordered.select(dim, k - 1), places.select(dim, k - 1)
                    record("kthvalue", [x, k, dim], lambda out=out: out, large=True)
        if d != torch.bool:
            call("median", flat, large=True)
        index = Ramp(torch.int64, (37, 1200), 7919, 37, 0)
        call("gather", square, 0, index, large=True)
        call("scatterAdd", square, 0, index, square, large=True)


def quantiles():
    ties = make(torch.float32, 4, 6).round()
    holes = CUBE[torch.float32].clone()
    holes[1, 2, 3] = holes[0, 0, 0] = holes[1, 2, 0] = NAN
    holes[2, 1] = NAN
    tens = lambda *v, d=torch.float32: torch.tensor(v, dtype=d)
    for x in (CUBE[torch.float32], CUBE[torch.float64], holes, ties, SCALAR[torch.float32], tens(2.5), tens(NAN)):
        scale = lambda fn, x=x: lambda: torch.full_like(fn(), max(1.0, torch.nan_to_num(x).abs().max().item()))
        for op in ("quantile", "nanquantile"):
            for q in (0.5, 0, 1, 0.37, tens(0.1, 0.9, 0.5, d=x.dtype), torch.tensor(0.3, dtype=x.dtype), tens(d=x.dtype)):
                for rest in ((), (0,), (-1,)):
                    for o in ({}, {"keepdim": True}, {"interpolation": "nearest"}):
                        fn = lambda op=op, x=x, q=q, rest=rest, o=o: getattr(torch, op)(x, float(q) if isinstance(q, int) else q, *rest, **o)
                        record(op, [x, q, *rest, o] if o else [x, q, *rest], fn, scale(fn))
            for mode in ("linear", "lower", "higher", "midpoint", "nearest", "other"):
                fn = lambda op=op, x=x, mode=mode: getattr(torch, op)(x, 0.4, x.dim() - 1, interpolation=mode)
                record(op, [x, 0.4, x.dim() - 1, {"interpolation": mode}], fn, scale(fn))
    x = CUBE[torch.float32]
    for op in ("quantile", "nanquantile"):
        for y, q, *rest in (
            (x, 1.5), (x, -0.1), (x, NAN), (x, tens(NAN)), (x, tens(0.5, d=torch.float64)), (x, tens(0.5).reshape(1, 1)),
            (x, 0.5, 3), (x, 0.5, -4), (CUBE[torch.int64], 0.5), (torch.empty(0), 0.5), (torch.empty(0, 3), 0.5, 1),
        ):  # fmt: skip
            call(op, y, q, *rest)


def gathers():
    places = torch.tensor
    for d in DTYPES:
        x, source = CUBE[d], make(d, 3, 4, 5, low=-3, high=3)
        for dim, shape in ((0, (3, 4, 5)), (1, (3, 6, 5)), (2, (2, 3, 7)), (-1, (3, 4, 1)), (-3, (1, 1, 1)), (1, (0, 4, 5))):
            index = torch.from_numpy(rng.randint(0, x.shape[dim], shape))
            call("gather", x, dim, index)
            wider = make(d, *(max(s, 3) for s in shape), low=-3, high=3)
            scale = lambda dim=dim, index=index: torch.scatter_add(absolute(x), dim, index, absolute(wider))
            call("scatterAdd", x, dim, index, wider, scale=scale)
        call("scatterAdd", x, 0, torch.zeros(3, 4, 5, dtype=torch.int64), source, scale=lambda: absolute(source).sum() + absolute(x))
    x = torch.arange(6.0).reshape(2, 3)
    ones = torch.ones(2, 3)
    for args in (
        (x, 0, places([[0, 1]])), (x, 0, places([[0, 2]])), (x, 0, places([[-1, 1]])), (x, 1, places([[0, 1, 2, 2, 2]])),
        (x, 1, places([[0], [1], [2]])), (x, 0, places([0])), (x, 0, places([[0]], dtype=torch.int32)),
        (places(1.0), 0, places([0, 0])), (places(1.0), 0, places(0)), (places([1.0, 2.0]), 0, places(1)),
        (places(1.0), 0, places(1)), (x, 0, torch.empty(0, dtype=torch.int64)), (x, 5, places([[0]])),
        (torch.empty(0, 3), 0, places([[0]])), (x, 0, torch.empty(0, 3, dtype=torch.int64)),
        (x, 1, expanded(places([[2]]), 2, 3)),
    ):  # fmt: skip
        call("gather", *args)
    for args in (
        (x, 0, places([[0, 2]]), ones), (x, 0, places([[0, -1]]), ones), (x, 0, places([[0, 1]]), torch.ones(1, 1)),
        (x, 0, places([[0, 1]]), ones.double()), (places(1.0), 0, places(0), places(2.0)),
        (places(1.0), 0, places([0, 0]), places([2.0, 3.0])), (x, 0, torch.empty(0, 3, dtype=torch.int64), ones),
        (x, 0, torch.empty(0, dtype=torch.int64), ones), (x, 1, torch.zeros(3, 1, dtype=torch.int64), torch.ones(3, 1)),
        (x, 1, torch.zeros(2, 5, dtype=torch.int64), torch.ones(2, 5)), (x, -3, places([[0]]), ones),
        (x, 0, places([[0]], dtype=torch.int16), ones), (x, 0, places([[1, 1, 1]]), expanded(torch.tensor([[2.0]]), 2, 3)),
    ):  # fmt: skip
        call("scatterAdd", *args)


def running(x, dim, **options):
    call("cumsum", x, dim, scale=lambda: torch.cumsum(absolute(x), dim), **options)


def soft(op, x, dim, **options):
    fn = getattr(torch, snake(op), None) or getattr(F, op)
    if op in ("softmax", "softmin"):
        scale = lambda: absolute(fn(x, dim, **options)) * (1 + absolute(x).amax() if x.numel() else 1)
    else:
        scale = lambda: absolute(fn(x, dim, **options)) + (1 + absolute(x).amax() if x.numel() else 1)
    call(op, x, dim, scale=scale, **options)


def large():
    """Enough elements for whole tiles, vectors and pairwise trees, with results that are exact integers."""
    for d in DTYPES:
        rule = (7919, 2, 0) if d in (torch.bool, torch.uint8) else (7919, 13, 6)
        flat, cube = Ramp(d, (30011,), *rule), Ramp(d, (37, 65, 19), *rule)
        for x, dims in ((flat, [0]), (cube, [0, 1, 2, [0, 2], [1, 2], [0, 1]])):
            for op in ("sum", "amax", "amin", "any", "all", "argmax", "argmin"):
                call(op, x, large=True)
                for dim in dims:
                    if isinstance(dim, int) or op in ("sum", "amax", "amin"):
                        call(op, x, dim, large=True)
            for dim in dims:
                if isinstance(dim, int):
                    call("cumsum", x, dim, large=True)
                    call("max", x, dim, large=True)
                    call("min", x, dim, large=True)
        signs = Ramp(d, (41, 700), 104729, 2, 0)
        for dim in (0, 1):
            call("prod", signs, dim, large=True)


# ---------------------------------------------------------------------------------------------- products

def products():
    pairs = [
        ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((3, 4), (4, 5)), ((2, 3, 4), (4,)), ((4,), (2, 4, 5)),
        ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (3, 4, 5)),
        ((1, 3, 4), (2, 4, 5)), ((2, 3, 4), (1, 4, 5)), ((3, 1, 2, 4), (1, 2, 4, 3)), ((0,), (0,)), ((3, 0), (0, 5)),
        ((0, 4), (4, 5)), ((3, 4), (4, 0)), ((3, 0), (0,)), ((0, 3, 4), (4, 5)), ((0, 3, 4), (0, 4, 5)),
        ((2, 3, 0), (0, 5)), ((1, 1), (1, 1)), ((1, 4), (4, 1)), ((3, 1), (1, 5)), ((4,), (5,)), ((3, 4), (5,)),
        ((3, 4), (3, 4)), ((2, 3, 4), (3, 4, 5)), ((), (3,)), ((3,), ()), ((2, 3, 4), (2, 3, 4)), ((1, 0), (0, 1)),
        ((2, 0, 3), (3, 2)), ((1, 3, 4), (4,)), ((5, 1, 4), (2, 4, 1)),
    ]  # fmt: skip
    for a, b in pairs:
        for d in NUMERIC + ([torch.bool] if (a, b) == ((3, 4), (4, 5)) else []):
            if d not in FLOATS and len(a) + len(b) > 5:
                continue
            x, y = make(d, *a, low=-4, high=4), make(d, *b, low=-4, high=4)
            scale = lambda x=x, y=y: torch.matmul(absolute(x), absolute(y))
            call("matmul", x, y, scale=scale)
            for op, dims in (("mm", 2), ("bmm", 3), ("dot", 1)):
                if len(a) == dims or len(b) == dims:
                    call(op, x, y, scale=scale)
            if len(a) == 2 or len(b) == 1:
                call("mv", x, y, scale=scale)
            if len(a) <= 1 and len(b) <= 2:
                call("outer", x, y)
    for d in DTYPES:
        call("outer", make(d, 3), make(d, 4))
        call("outer", make(d, 3), make(torch.int16, 4))
    for d in INTS:  # products and sums wrap
        x = torch.full((3, 3), torch.iinfo(d).max, dtype=d)
        call("matmul", x, x - 1)
        call("mm", x, x)
        call("dot", x[0], x[1])
    nan = make(torch.float32, 3, 4)
    nan[1, 1] = NAN
    nan[2, 0] = INF
    f64 = torch.float64
    for op, x, y in (
        ("matmul", nan, make(torch.float32, 4, 5)),
        ("matmul", expanded(make(torch.float32, 3, 1), 3, 4), expanded(make(torch.float32, 1, 2), 4, 2)),
        ("matmul", expanded(make(f64, 1, 2, 3), 4, 2, 3), make(f64, 4, 3, 2)),
        ("mv", expanded(make(f64, 1, 3), 4, 3), expanded(make(f64), 3)),
    ):
        call(op, x, y, scale=lambda x=x, y=y: torch.matmul(absolute(x), absolute(y)))
    for d in NUMERIC:
        rule = (7919, 3, 0) if d == torch.uint8 else (7919, 7, 3)
        for m, k, n in ((1, 300, 1), (17, 5, 33), (130, 1, 70), (65, 129, 47), (6, 400, 100), (128, 64, 64)):
            if d in (torch.int8, torch.uint8, torch.int16) and m * k * n > 50000:
                continue
            call("matmul", Ramp(d, (m, k), *rule), Ramp(d, (k, n), rule[0] + 2, *rule[1:]), large=True)
        if d in FLOATS or d == torch.int32:
            call("matmul", Ramp(d, (3, 33, 40), *rule), Ramp(d, (40, 21), *rule), large=True)
            call("bmm", Ramp(d, (3, 33, 40), *rule), Ramp(d, (3, 40, 21), *rule), large=True)
            call("mv", Ramp(d, (257, 130), *rule), Ramp(d, (130,), *rule), large=True)
            call("dot", Ramp(d, (5003,), *rule), Ramp(d, (5003,), *rule), large=True)
    for d in FLOATS:
        for shape in ((1, 1), (2, 2), (3, 3), (5, 5), (12, 12), (2, 3, 3), (2, 2, 4, 4), (0, 0), (2, 0, 0), (0, 3, 3)):
            x = make(d, *shape)

            def error(x=x):  # relative to |A⁻¹| |A| |A⁻¹|
                y = absolute(torch.inverse(x))
                return y @ absolute(x) @ y

            call("inverse", x, scale=error)
        for x in ([[0, 1], [1, 0]], [[1, 2], [2, 4]], [[0, 0], [0, 0]], [[1, 0], [0, 0]], [[[1, 0], [0, 1]], [[1, 1], [1, 1]]]):
            call("inverse", torch.tensor(x, dtype=d))
        call("inverse", make(d, 2, 3))
        call("inverse", make(d, 3))
    call("inverse", make(torch.int64, 2, 2))
    for d in DTYPES:
        for shape in ((4,), (3, 5), (5, 3), (4, 4), (0,), (0, 3), (1, 1)):
            for k in (0, 1, -1, 2, -3, 9):
                if 0 in shape and k != 0 and len(shape) == 2:
                    continue
                if d in (torch.float32, torch.int64, torch.bool) or k == 1:
                    call("diag", make(d, *shape), k)
            if len(shape) == 2:
                x = make(d, *shape)
                call("trace", x, scale=lambda x=x: torch.trace(absolute(x)))
    call("diag", torch.tensor(1.0))
    call("diag", torch.ones(2, 2, 2))
    call("trace", torch.ones(3))
    call("trace", torch.ones(2, 2, 2))


# ---------------------------------------------------------------------------------------------- shapes

def method(op, *args, **options):
    given = [bare(x) for x in args]
    shown = [*args, options] if options else args
    record(op, shown, lambda: getattr(given[0], snake(op))(*given[1:], **options))


def shapes():
    for d in DTYPES:
        x = CUBE[d]
        for s in ([12, 5], [-1], [3, 20], [60], [2, 2, 3, 5], [3, 4, 5, 1], [1, 3, 4, 1, 5], [-1, 6]):
            method("reshape", x, s)
            record("view", [Pinned(x, "contiguous"), s], lambda s=s, x=x: x.view(s))
        call("flip", x, [0])
        call("flip", x, [0, 2])
        call("flip", x, [])
        call("flip", x, [-2])
        for dim in (0, 1, 2, -1):
            record("cat", [[x, CUBE[d].flip(0), x], dim], lambda x=x, dim=dim: torch.cat([x, x.flip(0), x], dim))
            call("stack", [x[0], x[1]], dim)
        record("cat", [[x, torch.empty(0)]], lambda x=x: torch.cat([x, torch.empty(0)]))
        record("permute", [x, [2, 0, 1]], lambda x=x: x.permute(2, 0, 1))
        method("contiguous", x)
        method("clone", x)
        method("detach", x)
        for op in ("zeros", "ones"):
            fn = getattr(torch, op)
            call(op + "Like", x)
            call(op + "Like", x, dtype=torch.int16)
            call(op, [2, 3], dtype=d)
            call(op, [], dtype=d)
            call(op, [0, 4], dtype=d)
            record(op, [2, 1, {"dtype": d}], lambda fn=fn, d=d: fn(2, 1, dtype=d))
        call("fullLike", x, 1)
        call("fullLike", x, 2, dtype=torch.float64)
        call("full", [2, 3], 1, dtype=d)
        for n, m in ((3, 3), (2, 4), (4, 2), (0, 3), (0, 0)):
            call("eye", n, m, dtype=d)
        call("eye", 3, dtype=d)
        for e in DTYPES:
            record("to", [TWELVE[d], e], lambda d=d, e=e: TWELVE[d].to(e))
            record("to", [SCALAR[d], e], lambda d=d, e=e: SCALAR[d].to(e))
            record("to", [EMPTY[d], e], lambda d=d, e=e: EMPTY[d].to(e))
            if d not in FLOATS or e in FLOATS or e == torch.bool:
                record("to", [extremes(d), e], lambda d=d, e=e: extremes(d).to(e))
            call("promoteTypes", d, e)
            call("resultType", TWELVE[d], TWELVE[e])
            call("resultType", TWELVE[d], SCALAR[e])
            call("resultType", SCALAR[d], SCALAR[e])
            record("cat", [[TWELVE[d], OTHER[e]]], lambda d=d, e=e: torch.cat([TWELVE[d], OTHER[e]]))
        for s in (1, 2.5, True):
            call("resultType", TWELVE[d], s)
            call("resultType", SCALAR[d], s)
        for name in ("float", "double", "long", "int", "short", "byte", "bool", "char"):
            method(name, TWELVE[d])
        fractions = torch.tensor([1.9, -1.9, 0.5, -0.5, 100.99, -100.99, 0.0, -0.0])
        if d not in (torch.uint8, *FLOATS):
            for e in FLOATS:
                record("to", [fractions.to(e), d], lambda d=d, e=e: fractions.to(e).to(d))
    x = CUBE[torch.float32]
    for layout, s in (("transposed", [60]), ("sliced", [12, 5]), ("sliced", [3, 2, 2, 5]), ("transposed", [2, 2, 3, 5])):
        record("reshape", [Pinned(x, layout), s], lambda s=s: x.reshape(s))
    y = x.permute(2, 1, 0).contiguous().permute(2, 1, 0)  # what the layout "transposed" is
    for s in ([60], [3, 4, 5], [12, 5], [3, 20], [3, 2, 2, 5], [3, 1, 4, 5], [1, 3, 4, 5, 1], [3, 4, -1]):
        record("view", [Pinned(x, "transposed"), s], lambda s=s: y.view(s))
    for s in ([61], [-1, -1], [-1, 7], [0, -1], [-2, 30]):
        method("reshape", x, s)
        method("view", x, s)
    for s in ([0], [0, 5], [3, 0, 2], [-1, 3], [0, -1], []):
        method("reshape", EMPTY[torch.float32], s)
    for s in ([], [1], [1, 1], [-1], [2]):
        method("reshape", SCALAR[torch.float32], s)
    one = make(torch.float32, 1, 3, 1, 2)
    for dim in (None, 0, 1, 2, 3, -1, -4, 4):
        record("squeeze", [one] if dim is None else [one, dim], lambda dim=dim: one.squeeze() if dim is None else one.squeeze(dim))
    for s in (SCALAR[torch.float32], torch.ones(1), torch.ones(1, 0)):
        call("squeeze", s)
        call("squeeze", s, 0)
    for dim in (0, 1, 2, 3, -1, -4, 4, -5):
        call("unsqueeze", x, dim)
    call("unsqueeze", SCALAR[torch.float32], 0)
    for dims in ([0, 1, 2], [2, 1, 0], [-1, 0, 1], [0, 0, 1], [0, 1], [0, 1, 3]):
        call("permute", x, dims)
    for a, b in ((0, 1), (0, 2), (-1, -2), (1, 1), (0, 3)):
        call("transpose", x, a, b)
    for s in (x, TWELVE[torch.float32], make(torch.float32, 3), SCALAR[torch.float32]):
        call("t", s)
    record("T", [TWELVE[torch.float32]], lambda: TWELVE[torch.float32].T)
    record("mT", [x], lambda: x.mT)
    record("mT", [make(torch.float32, 3)], lambda: torch.ones(3).mT)
    for a, b in ((0, 2), (-1, 0), ([0, 1], [1, 2]), ([2, 0], [0, 1]), ([0, 1], [0]), (0, 3), ([0, 0], [1, 2])):
        call("movedim", x, a, b)
    for a, b in ((0, -1), (1, 2), (0, 1), (1, 1), (2, 1)):
        call("flatten", x, a, b)
    call("flatten", x)
    call("flatten", SCALAR[torch.float32])
    call("flatten", EMPTY[torch.float32])
    row = make(torch.float32, 3, 1, 2)
    for s in ([3, 4, 2], [5, 3, 1, 2], [-1, 4, -1], [3, 0, 2], [2, 4, 2], [3, 4], [-1, 3, 1, 2], [0, 3, 1, 2]):
        method("expand", row, s)
    method("expand", SCALAR[torch.float32], [2, 3])
    record("expandAs", [row, torch.ones(2, 3, 4, 2)], lambda: row.expand(2, 3, 4, 2))
    record("expandAs", [row, torch.ones(2, 4, 2)], lambda: row.expand_as(torch.ones(2, 4, 2)))
    for dim, start, length in ((0, 0, 3), (1, 1, 2), (2, -3, 3), (-1, 4, 1), (1, 4, 0), (1, 3, 2), (0, 4, 1), (3, 0, 1), (1, 0, -1)):
        call("narrow", x, dim, start, length)
    for dim, index in ((0, 0), (1, -1), (2, 4), (-1, -5), (0, 3), (1, -5), (3, 0)):
        call("select", x, dim, index)
    call("select", SCALAR[torch.float32], 0, 0)
    call("narrow", SCALAR[torch.float32], 0, 0, 0)
    long = make(torch.float32, 11, 2)
    for a, b, step in ((None, None, 1), (2, None, 3), (None, 5, 2), (-4, -1, 1), (-99, 99, 4), (5, 3, 1), (11, None, 1), (3, 4, 7), (0, 0, 1), (1, 0, 2)):
        record("slice", [long, 0, a, b, step], lambda a=a, b=b, step=step: long[a:b:step])
    record("slice", [long, 1, 1, None], lambda: long[:, 1:])
    record("slice", [long, -1, 1], lambda: long[:, 1:])
    record("slice", [long], lambda: long[:])
    record("slice", [long, 0, 0, 4, 0], lambda: long[0:4:0])
    record("slice", [long, 0, 0, 4, -1], lambda: long[0:4:-1])
    record("slice", [SCALAR[torch.float32]], lambda: SCALAR[torch.float32][:])
    for offset, a, b in ((0, 0, 1), (1, 0, 1), (-2, 1, 2), (0, 0, -1), (2, -1, 0), (9, 0, 1), (-9, 0, 1), (0, 1, 1), (0, 0, 3)):
        call("diagonal", x, offset=offset, dim1=a, dim2=b)
    call("diagonal", TWELVE[torch.float32])
    call("diagonal", torch.ones(3))
    for dim in (0, 1, 2, -1, 3):
        record("unbind", [x, dim], lambda dim=dim: list(torch.unbind(x, dim)))
    record("unbind", [SCALAR[torch.float32]], lambda: torch.unbind(SCALAR[torch.float32]))
    for s, dim in ((2, 0), (3, 1), (9, 2), ([1, 2], 0), ([0, 4], 1), ([2, 1], 1), (0, 0), (2, 3), ([-1, 4], 0)):
        record("split", [x, s, dim], lambda s=s, dim=dim: list(torch.split(x, s, dim)))
    record("split", [torch.empty(0, 2), 2], lambda: list(torch.split(torch.empty(0, 2), 2)))
    call("cat", [torch.ones(2, 3), torch.ones(2, 4)])
    call("cat", [torch.ones(2, 3), torch.ones(2, 4)], 1)
    call("cat", [torch.ones(2, 3), torch.ones(2)])
    call("cat", [torch.ones(2, 3), torch.ones(0)])
    call("cat", [torch.ones(0), torch.ones(0)])
    call("cat", [torch.ones(2, 0), torch.ones(2, 3)], 1)
    call("cat", [torch.tensor(1.0), torch.tensor(2.0)])
    call("cat", [])
    call("cat", [torch.ones(2)], 1)
    call("stack", [])
    call("stack", [torch.ones(2), torch.ones(3)])
    call("stack", [torch.tensor(1.0), torch.tensor(2.0)])
    call("stack", [torch.ones(2, 3)] * 2, -1)
    call("stack", [torch.ones(2, 3)] * 2, 3)
    call("stack", [torch.empty(0, 3)] * 2, 1)
    call("flip", x, [0, 0])
    call("flip", x, [3])
    call("flip", SCALAR[torch.float32], [])
    for d in (torch.int64,):
        classes = torch.tensor([[0, 2, 1], [4, 0, 3]], dtype=d)
        one_hot = torch.nn.functional.one_hot
        for s in (classes, torch.tensor(3), torch.empty(0, dtype=d), torch.tensor([-1, 2])):
            for n in (-1, 5, 7, 2):
                record("oneHot", [s, n], lambda s=s, n=n: one_hot(s, n))
    record("oneHot", [torch.ones(2)], lambda: torch.nn.functional.one_hot(torch.ones(2)))


def creation():
    f32, f64, i64 = torch.float32, torch.float64, torch.int64
    for args in ([5], [2, 7], [2, 9, 3], [9, 2, -3], [0], [5, 2], [2, 5, -1], [0, 1, 0], [-3, 3], [0, -5, -2]):
        record("arange", args, lambda args=args: torch.arange(*args, dtype=f32))
        record("arange", [Big(v) for v in args], lambda args=args: torch.arange(*args))
        for d in (f64, i64, torch.int32, torch.int16, torch.int8):
            call("arange", *args, dtype=d)
    for args in ([0.5, 3.25, 0.3], [0, 1, 0.1], [1, 0, -0.25], [0.5], [0, 2.5, 0.5], [-1.5, 1.5], [0, NAN], [0, INF]):
        scale = lambda args=args: torch.full_like(torch.arange(*args, dtype=f64), max(abs(v) for v in args))
        record("arange", args, lambda args=args: torch.arange(*args, dtype=f32), scale)
        record("arange", [*args, {"dtype": f64}], lambda args=args: torch.arange(*args, dtype=f64), scale)
    for args in ((0, 1, 5), (-2, 3, 11), (3, -3, 7), (1, 1, 3), (0, 1, 1), (0, 1, 0), (0.1, 0.9, 2), (-1e5, 1e5, 100)):
        scale = lambda args=args: torch.full((args[2],), max(abs(args[0]), abs(args[1])))
        record("linspace", args, lambda args=args: torch.linspace(*args), scale)
        record("linspace", [*args, {"dtype": f64}], lambda args=args: torch.linspace(*args, dtype=f64), scale)
    record("linspace", [0, 1, -1], lambda: torch.linspace(0, 1, -1))
    record("full", [[2], 7], lambda: torch.full([2], 7, dtype=f32))
    record("full", [[2], Big(7)], lambda: torch.full([2], 7))
    record("full", [[2], True], lambda: torch.full([2], True))
    record("full", [[2, 0], 2.5], lambda: torch.full([2, 0], 2.5))
    record("full", [[], NAN], lambda: torch.full([], NAN))
    record("full", [[3], 2**62, {"dtype": i64}], lambda: torch.full([3], 2**62))
    record("full", [[-1], 1], lambda: torch.full([-1], 1))
    record("zeros", [[-1]], lambda: torch.zeros(-1))
    record("ones", [3], lambda: torch.ones(3))
    record("zeros", [], lambda: torch.zeros([]))
    record("eye", [-1], lambda: torch.eye(-1))
    for data, d in (([[1, 2], [3, 4]], f32), ([1.5, -0.0], f32), (3, f32), ([], f32), ([[], []], f32), ([[1], [2, 3]], f32)):
        record("tensor", [data], lambda data=data, d=d: torch.tensor(data, dtype=d))
    for d in DTYPES:
        record("tensor", [[[0, 1], [3, 1]], {"dtype": d}], lambda d=d: torch.tensor([[0, 1], [3, 1]], dtype=d))
        record("tensor", [[True, False], {"dtype": d}], lambda d=d: torch.tensor([True, False], dtype=d))
        record("tensor", [[Big(0), Big(100)], {"dtype": d}], lambda d=d: torch.tensor([0, 100], dtype=d))
    record("tensor", [[Big(2**63 - 1), Big(-(2**63))]], lambda: torch.tensor([2**63 - 1, -(2**63)]))
    record("tensor", [[True, False]], lambda: torch.tensor([True, False]))


# ---------------------------------------------------------------------------------------------- linear algebra

def exactly(fn, *given):
    """What fn gives for the same values in float64, in the dtype that the arguments meet in."""
    tensors_ = [x for x in given if isinstance(x, torch.Tensor)]
    dtype = functools.reduce(torch.promote_types, [x.dtype for x in tensors_])
    fn(*given)  # raises where PyTorch does
    out = fn(*[x.double() if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in given])

    def back(x):
        return x.to(dtype) if x.dtype == torch.float64 else x

    return back(out) if isinstance(out, torch.Tensor) else [back(x) for x in out]


def linear(op, *args, scale=1.0, **options):
    """A case of linalg; scale is a number that errors are relative to, as a multiple of the largest result."""
    fn = getattr(torch.linalg, snake(op))
    shown = [*args, options] if options else args

    def compute():
        return exactly(lambda *given: fn(*given, **options), *args)

    def error():
        out = compute()
        if not isinstance(out, torch.Tensor):  # of the result that has the most elements
            out = max(out, key=torch.numel)
        most = max([1.0, *out.double().nan_to_num(1, 1, 1).abs().flatten().tolist()])
        return torch.full_like(out, scale * most, dtype=torch.float64)

    record("linalg." + op, shown, compute, error)


def regular(dtype, *shape):
    """Matrices that are far from singular."""
    return make(dtype, *shape) + 12 * torch.eye(*shape[-2:], dtype=dtype)


def definite(dtype, *shape):
    x = make(torch.float64, *shape, low=-2, high=2).round()
    return (x @ x.mT + 2 * torch.eye(shape[-1], dtype=torch.float64)).to(dtype)


SQUARES = ((1, 1), (2, 2), (3, 3), (6, 6), (2, 3, 3), (2, 1, 4, 4), (0, 0), (2, 0, 0), (0, 3, 3))


def linear_algebra():
    F64 = torch.float64
    for d in FLOATS:
        for shape in SQUARES:
            x = regular(d, *shape)
            for op in ("inv", "det", "slogdet", "invEx"):
                linear(op, x, scale=10.0)
            linear("det", make(d, *shape), scale=30.0)
            linear("cholesky", definite(d, *shape), scale=10.0)
            linear("cholesky", definite(d, *shape), scale=10.0, upper=True)
            linear("choleskyEx", definite(d, *shape), scale=10.0)
            linear("matrixExp", make(d, *shape, low=-1, high=1), scale=10.0)
            for n in (0, 1, 2, 5, -1, -3):
                linear("matrixPower", x, n, scale=20.0)
            linear("cond", x, scale=10.0)
            for p in (2, -2, "fro", "nuc", 1, -1, INF, -INF):
                linear("cond", x, p, scale=10.0)
            n = shape[-1]
            for b in ((n,), (n, 2), (*shape[:-2], n, 3), (3, *[1] * (len(shape) - 2), n, 1), shape[:-1]):
                linear("solve", x, make(d, *b), scale=10.0)
                if len(b) > 1:
                    linear("solve", x, make(d, *b).mT.contiguous(), scale=10.0, left=False)
                    for upper in (True, False):
                        for unit in (True, False):
                            y = x.triu() if upper else x.tril()
                            y = y / (20 if unit else 1)
                            linear("solveTriangular", y, make(d, *b), scale=100.0, upper=upper, unitriangular=unit)
                    y = x.tril()
                    linear("solveTriangular", y, make(d, *b).mT.contiguous(), scale=10.0, upper=False, left=False)
            linear("solveEx", x, make(d, n, 2), scale=10.0)
        for x in ([[1, 2], [2, 4]], [[0, 0], [0, 0]], [[[1, 0], [0, 1]], [[1, 1], [1, 1]]]):
            x = torch.tensor(x, dtype=d)
            for op in ("inv", "det", "slogdet", "luFactor", "cholesky"):
                linear(op, x)
            linear("solve", x, torch.ones(2, 1, dtype=d))
            linear("matrixPower", x, -1)
            for p in ("fro", 1, -INF):
                linear("cond", x, p)
        linear("cholesky", torch.tensor([[1.0, 2], [2, 1]], dtype=d))
        bad = torch.ones(2, 3, dtype=d)
        for op in ("inv", "det", "slogdet", "cholesky", "matrixExp", "invEx", "choleskyEx", "eigvalsh"):
            linear(op, bad)
            linear(op, torch.ones(3, dtype=d))
        linear("matrixPower", bad, 2)
        linear("solve", bad, torch.ones(2, dtype=d))
        linear("solve", torch.eye(2, dtype=d), torch.ones(3, dtype=d))
        linear("solve", torch.eye(2, dtype=d), torch.ones(2, dtype=d), left=False)
        linear("solveTriangular", torch.eye(2, dtype=d), torch.ones(3, 1, dtype=d), upper=True)
        for shape in ((1, 1), (3, 3), (4, 2), (2, 5), (2, 3, 4), (0, 3), (3, 0), (2, 0, 0)):
            x = make(d, *shape)
            linear("svdvals", x, scale=10.0)
            linear("matrixRank", x)
            linear("pinv", x, scale=30.0)
            for order in ("fro", "nuc", 2, -2, 1, -1, INF, -INF):
                linear("matrixNorm", x, order, scale=10.0)
            linear("matrixNorm", x, 1, (-1, -2), scale=10.0, keepdim=True)
            linear("norm", x, scale=10.0)
            m, n = shape[-2:]
            for b in (*([(m, 2), (m,)] if len(shape) == 2 else []), (*shape[:-2], m, 1), shape[:-1]):
                for driver in ("gels", "gelsd", "gelss"):
                    if 0 not in shape:
                        linear("lstsq", x, make(d, *b), scale=300.0, driver=driver)
        low = torch.tensor([[1, 2, 3], [2, 4, 6], [1, 0, 1], [0, 2, 2]], dtype=d)
        linear("matrixRank", low)
        linear("matrixRank", low, atol=1.0)
        linear("matrixRank", low, rtol=0.5)
        linear("matrixRank", low @ low.mT, hermitian=True)
        linear("pinv", low, scale=10.0)
        linear("pinv", low, scale=10.0, atol=3.0)
        linear("pinv", low @ low.mT, scale=10.0, hermitian=True, rtol=1e-4)
        linear("pinv", low.expand(2, 4, 3).contiguous(), scale=10.0, rtol=torch.tensor([0.1, 0.9], dtype=d))
        linear("matrixRank", low.expand(2, 4, 3).contiguous(), atol=torch.tensor([0.1, 7.0], dtype=d))
        linear("lstsq", low, make(d, 4, 2), scale=10.0, driver="gelsd")
        linear("lstsq", low, make(d, 4), scale=10.0, driver="gelss")
        for shape in ((1, 1), (3, 3), (2, 4, 4), (0, 0)):
            x = make(d, *shape)
            linear("eigvalsh", x + x.mT, scale=10.0)
            linear("eigvalsh", x, scale=10.0)
            linear("eigvalsh", x, scale=10.0, UPLO="U")
        cube = make(d, 2, 3, 4)
        for order in (0, 1, 2, 3, 0.5, INF, -INF, -1.5):
            linear("vectorNorm", cube, order, scale=10.0)
            linear("vectorNorm", cube, order, 1, scale=10.0, keepdim=True)
            linear("vectorNorm", cube, order, (0, -1), scale=10.0)
            linear("norm", cube, order, 2, scale=10.0)
            linear("vectorNorm", torch.empty(0, 3, dtype=d), order)
            linear("vectorNorm", torch.empty(0, 3, dtype=d), order, 1)
        for order in (None, "fro", "nuc", 2, 1, INF):
            linear("norm", cube, order, (0, 2), scale=10.0)
            linear("norm", cube, order, (2, 1), scale=10.0, keepdim=True)
            linear("norm", cube[0], order, scale=10.0)
            linear("norm", cube[0, 0], order, scale=10.0)
            linear("norm", cube, order, scale=10.0)
        linear("norm", cube, None, 1, scale=10.0)
        record("linalg.norm", [cube, 2, 0, {"dtype": F64}], lambda: torch.linalg.norm(cube.double(), 2, 0), lambda: torch.full((3, 4), 10.0))
        linear("matrixNorm", cube, "fro", (0, 0))
        linear("matrixNorm", cube[0, 0])
        linear("matrixNorm", cube, 3)
        for shapes_ in (((2, 3), (3, 4)), ((2, 3), (3, 4), (4, 5), (5, 1)), ((3,), (3, 4), (4,)), ((3,), (3,)),
                        ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (4, 5)), ((2, 3),), ((2, 3), (3,), (3, 2)), ((2, 0), (0, 3))):
            parts = [make(d, *shape) for shape in shapes_]
            record("linalg.multiDot", [parts], lambda parts=parts: torch.linalg.multi_dot([x.double() for x in parts]).to(parts[0].dtype),
                   lambda parts=parts: torch.linalg.multi_dot([absolute(x) for x in parts]))
        x = regular(d, 6, 6)
        linear("tensorinv", x.reshape(2, 3, 6), 2, scale=10.0)
        linear("tensorinv", x.reshape(6, 3, 2), 1, scale=10.0)
        linear("tensorinv", x.reshape(6, 3, 2), 2)
        linear("tensorinv", x, 0)
        linear("tensorsolve", x.reshape(2, 3, 6), make(d, 2, 3), scale=10.0)
        linear("tensorsolve", x.reshape(2, 3, 3, 2), make(d, 2, 3), scale=10.0)
        linear("tensorsolve", x.reshape(6, 2, 3), make(d, 2, 3), scale=10.0, dims=(0,))
        linear("tensorsolve", x.reshape(2, 3, 6), make(d, 3, 3))
        for shape in ((3, 4), (2, 3, 3), (2, 0, 3)):
            for offset in (0, 1, -1):
                linear("diagonal", make(d, *shape), offset=offset)
        for tall in ((4, 3), (2, 3, 3), (3, 0)):
            h = make(d, *tall, low=-1, high=1)
            for k in {tall[-1], tall[-1] // 2}:
                linear("householderProduct", h, make(d, *tall[:-2], k, low=0, high=2), scale=10.0)
        linear("householderProduct", make(d, 2, 3), make(d, 2))
        linear("householderProduct", make(d, 3, 2), make(d, 3))
        for shape in SQUARES:
            factor = torch.linalg.cholesky(definite(d, *shape))
            for upper in (False, True):
                f = factor.mT.contiguous() if upper else factor

                def big(f=f, upper=upper):
                    return torch.cholesky_inverse(f.double(), upper=upper) if f.numel() else f.double()

                record("choleskyInverse", [f, {"upper": upper}], lambda big=big, f=f: big().to(f.dtype), lambda big=big: 10 * torch.ones_like(big()) * max(1, float(big().abs().max()) if big().numel() else 1))
                for b in ((shape[-1], 2), (*shape[:-2], shape[-1], 1)):
                    y = make(d, *b)

                    def solution(f=f, y=y, upper=upper):
                        lower = f.double().mT if upper else f.double()
                        return torch.linalg.solve(lower @ lower.mT, y.double())

                    record("choleskySolve", [y, f, {"upper": upper}], lambda s=solution, f=f: s().to(f.dtype), lambda s=solution: torch.full_like(s(), 30.0 * max([1.0, *s().abs().flatten().tolist()])))
        linear("lstsq", make(d, 3, 2), make(d, 4, 2))
        linear("lstsq", make(d, 3, 2), make(d, 3, 2), driver="qr")
    for d in NUMERIC:
        linear("vander", make(d, 4, low=0, high=3))
        if d in FLOATS or d == torch.int64:
            linear("vander", make(d, 2, 3, low=0, high=3), N=5)
            linear("vander", make(d, 2, 3, low=0, high=3), N=2)
            record("linalg.vander", [torch.tensor(1, dtype=d)], lambda d=d: torch.linalg.vander(torch.tensor(1, dtype=d)))
        for p, q, dim in (((3,), (3,), -1), ((4, 3), (4, 3), 1), ((3, 2), (3, 2), 0), ((2, 3, 4), (1, 3, 4), 1), ((2, 3), (1, 3), -1), ((2,), (2,), -1)):
            x, y = make(d, *p), make(d, *q)
            record("linalg.cross", [x, y, {"dim": dim}], lambda x=x, y=y, dim=dim: torch.linalg.cross(x, y, dim=dim), lambda x=x: torch.full_like(x, 100.0, dtype=F64))
        for p, q, dim in (((3,), (3,), -1), ((4, 3), (3,), -1), ((4, 3), (4, 1), 0), ((2, 0), (2, 0), 1), ((2, 3), (2, 4), -1)):
            x, y = make(d, *p), make(d, *q)
            for op in ("vecdot", "linalg.vecdot"):
                record(op, [x, y, {"dim": dim}], lambda x=x, y=y, dim=dim: (x * y).sum(dim, dtype=x.dtype) if d not in FLOATS else torch.linalg.vecdot(x, y, dim=dim),
                       lambda x=x, y=y, dim=dim: (absolute(x) * absolute(y)).sum(dim))
        for p, q in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((), (2, 3)), ((2, 0), (0,)), ((2, 3), (2,))):
            x, y = make(d, *p), make(d, *q)
            call("inner", x, y, scale=lambda x=x, y=y: torch.inner(absolute(x), absolute(y)))
        for p, q in (((3,), (2,)), ((2, 3), (3, 2)), ((2,), (2, 3)), ((), (2, 2)), ((0, 2), (3, 1)), ((2, 1, 2), (2, 2))):
            call("kron", make(d, *p), make(d, *q))
        for p, q, dims in (*([((3, 2, 1), (4, 3), ([0, 2], [1, 0]))] if d in FLOATS else []), ((2, 3), (3, 2), 1), ((2, 3, 4), (3, 4, 2), 2), ((2, 3), (4,), 0), ((2, 3, 4), (4, 2), ([0, 2], [1, 0])),
                           ((2, 3), (2, 3), ([0, 1], [0, 1])), ((2, 3), (2, 3), 1), ((0, 3), (3, 2), 1),
                           ((2, 3), (3, 2), ([1], [0, 1])), ((2, 3), (3, 2), 3)):
            x, y = make(d, *p), make(d, *q)
            record("tensordot", [x, y, dims], lambda x=x, y=y, dims=dims: torch.tensordot(x, y, dims), lambda x=x, y=y, dims=dims: torch.tensordot(absolute(x), absolute(y), dims))
        for op, i, p, q in (("addmm", (2, 2), (2, 3), (3, 2)), ("addmm", (2,), (2, 3), (3, 2)), ("addmm", (2, 1), (2, 0), (0, 2)), ("addmm", (3,), (2, 3), (3, 2)),
                            ("addmm", (1, 2, 2), (2, 3), (3, 2)), ("addmv", (2,), (2, 3), (3,)), ("addmv", (1,), (2, 3), (3,)), ("addmv", (2,), (2, 3), (2,)),
                            ("addr", (2, 3), (2,), (3,)), ("addr", (3,), (2,), (3,)), ("addr", (4,), (2,), (3,)), ("baddbmm", (2, 2, 2), (2, 2, 3), (2, 3, 2)),
                            ("baddbmm", (2, 1), (2, 2, 3), (2, 3, 2)), ("baddbmm", (2,), (2, 2, 3), (1, 3, 2)), ("addbmm", (2, 2), (3, 2, 3), (3, 3, 2)),
                            ("addbmm", (2,), (0, 2, 3), (0, 3, 2)), ("addbmm", (2, 2), (3, 2, 3), (3, 2, 2))):
            x, y, z = make(d, *i), make(d, *p), make(d, *q)
            for options in ({}, {"beta": 2, "alpha": 3}, {"beta": 0}, {"beta": 0.5, "alpha": 0.25}):
                if d not in FLOATS and "alpha" in options and options["alpha"] == 0.25:
                    continue
                call(op, x, y, z, **options, scale=lambda op=op, x=x, y=y, z=z: getattr(torch, op)(absolute(x), absolute(y), absolute(z), beta=2, alpha=3))
    nothing = torch.full((2, 2), NAN)
    call("addmm", nothing, make(torch.float32, 2, 3), make(torch.float32, 3, 2), beta=0, scale=lambda: torch.full((2, 2), 300.0))
    for d in FLOATS:
        for p, q in (((3, 2), (4, 2)), ((2, 3, 2), (2, 4, 2)), ((2, 1, 3, 2), (4, 4, 2)), ((0, 2), (3, 2)), ((3, 0), (4, 0)), ((3, 2), (4, 3)), ((3,), (4, 3)), ((30, 3), (5, 3))):
            x, y = make(d, *p), make(d, *q)
            for power in (2, 1, 0, 3, 0.5, INF):
                far = torch.full((1,), 10.0 if len(p) < 2 or p[-2] < 30 else 300.0)
                record("cdist", [x, y, {"p": power}], lambda x=x, y=y, power=power: torch.cdist(x.double(), y.double(), p=power).to(x.dtype),
                       lambda x=x, y=y, power=power, far=far: far * torch.cdist(x.double(), y.double(), p=power).clamp_min(1))
        x = make(d, 3, 2)
        call("cdist", x, x, p=-1)
        record("cdist", [x, x], lambda x=x: torch.cdist(x.double(), x.double(), compute_mode="donot_use_mm_for_euclid_dist").to(x.dtype), lambda x=x: torch.cdist(x, x).clamp_min(1) * 10)
    for d in DTYPES:
        for shape in ((3, 3), (2, 3, 4), (4, 2), (0, 3), (1, 1)):
            for k in (0, 1, -1, 3, -4):
                if d in (torch.float32, torch.int64, torch.bool) or k == 1:
                    call("triu", make(d, *shape), k)
                    call("tril", make(d, *shape), k)
        call("triu", make(d, 3))
    einsums()


EINSUMS = """
ij,jk->ik (2,3)(3,4) | ij,jk (2,3)(3,4) | ji,jk->ik (3,2)(3,4) | ij,kj->ik (2,3)(4,3) | ij,jk->ki (2,3)(3,4)
i,i-> (3)(3) | i,i (3)(3) | i,j->ij (2)(3) | i,j->ji (2)(3) | i,j (2)(3) | ij->ji (2,3) | ij-> (2,3) | ij->i (2,3) | ij->j (2,3)
ji (2,3) | ba (2,3) | Ab (2,3) | aB (2,3) | ii->i (3,3) | ii-> (3,3) | ii (3,3) | iij->ij (2,2,3) | iji->j (2,3,2) | iji->ji (2,3,2) | iii->i (2,2,2)
iijj->ij (2,2,3,3) | ijij->ij (2,3,2,3) | ii,ij->j (2,2)(2,3) | ii,jj->ij (2,2)(3,3) | ij,ij->ij (2,3)(2,3) | ij,ij-> (2,3)(2,3) | ij,ij->i (2,3)(2,3)
ij,ij->j (2,3)(2,3) | ij,i->ij (2,3)(2) | ij,j->i (2,3)(3) | bij,bjk->bik (2,2,3)(2,3,4) | bij,bjk->ik (2,2,3)(2,3,4) | bij,bkj->bik (2,2,3)(2,4,3)
bij,jk->bik (2,2,3)(3,4) | ij,bjk->bik (2,3)(2,3,4) | bij,bij->b (2,2,3)(2,2,3) | bhid,bhjd->bhij (2,2,3,2)(2,2,4,2) | abc,cd,db->ad (2,3,2)(2,4)(4,3)
ij,jk,kl->il (2,3)(3,4)(4,2) | ij,jk,ki-> (2,3)(3,4)(4,2) | i,ij,j-> (2)(2,3)(3) | ij,ik,il->jkl (2,3)(2,2)(2,4) | a,b,c,d->dcba (2)(3)(2)(2)
ab,bc,cd,de->ae (2,3)(3,2)(2,4)(4,2) | ab,bc,cd,de,ef,fg,gh->ah (2,2)(2,2)(2,2)(2,3)(3,2)(2,2)(2,2) | ,ij->ij ()(2,3) | ,-> ()() | , ()() | -> ()
...->... (2,3) | ...ij->...ji (2,2,3) | ...ij,...jk->...ik (2,2,3)(2,3,4) | ...ij,...jk->...ik (2,1,2,3)(4,3,2) | ...ij,jk->...ik (2,2,3)(3,4)
i...,i...->... (2,3)(2,3) | i...,...j->ij... (2,3)(3,4) | ...,...->... (2,3)(3) | ...,... (2,3)(3) | i...->i (2,3,4) | ...i->... (2,3,4) | ...ii->...i (4,3,3)
...ij,...jk (2,2,3)(3,4) | a...b,b->...a (2,3,4)(4) | ij,...j->...i (2,3)(4,2,3) | ... (2,3) | i... (2,3) | ...i,i (2,3)(3) | ij...,jk...->ik... (2,3,2)(3,4,2)
ij,jk->ik (2,1)(3,4) | ij,ij->ij (1,3)(2,1) | ij,ij-> (1,3)(2,3) | ij,jk->ik (2,0)(0,4) | ij,jk->ik (0,3)(3,4) | ij-> (0,3) | bij,bjk->bik (0,2,3)(0,3,4) | bij,bjk->bik (1,2,3)(2,3,4)
ij , jk -> i k (2,3)(3,4) | zyx->xyz (2,3,4) | abcd->dbca (2,3,2,2) | ij,kl->ijkl (2,2)(2,3) | ijk,ilm,njm,nlk,abc-> (2,2,2)(2,2,2)(2,2,2)(2,2,2)(2,2,2) | ea,fb,abcd,gc,hd->efgh (2,3)(2,2)(3,2,2,3)(2,2)(2,3)
ij,jk->iik (2,3)(3,4) | ij,jk->ix (2,3)(3,4) | ij,jk->ik (2,3)(4,4) | ij->i (2) | i->i (2,3) | ij,jk (2,3) | ii->i (2,3) | i1->i (2,3) | i.j->i (2,3) | i->j->k (2) | ......->i (2)
"""


def einsums():
    for case in re.split(r"[|\n]", EINSUMS.strip()):
        equation, shapes_ = re.fullmatch(r"(.*?) ?((?:\([\d,]*\))+)", case.strip()).groups()
        shapes_ = [tuple(int(n) for n in text.split(",") if n) for text in re.findall(r"\(([\d,]*)\)", shapes_)]
        for d in (torch.float32, torch.float64, torch.int64):
            operands = [make(d, *shape) for shape in shapes_]

            def compute(operands=operands, equation=equation):
                return torch.einsum(equation, *operands)

            def magnitude(operands=operands, equation=equation):
                return torch.einsum(equation, *[absolute(x) for x in operands])

            record("einsum", [equation, *operands], compute, magnitude)


unary()
binary()
division()
choice()
in_place()
reductions()
products()
shapes()
creation()
activations()
statistics()
gathers()
linear_algebra()

lines = [",\n".join(tensors)]
groups = ",\n".join(f'"{op}":[\n' + ",\n".join(group) + "\n]" for op, group in cases.items())
path = Path(__file__).with_name("ops.json")
path.write_text('{"tensors":[\n' + ",\n".join(tensors) + '\n],\n"cases":{\n' + groups + "\n}}\n")
json.loads(path.read_text())
print(sum(map(len, cases.values())), "cases,", len(tensors), "tensors,", path.stat().st_size, "bytes")
