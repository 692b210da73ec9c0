"""Writes programs.json: random programs of operations, views and in-place writes, with their gradients; and the
gradients of single operations at kinks, poles, ties and special values.

PyTorch refuses to go back through a value that was saved and then overwritten, or to read and write overlapping memory in
one operation. nabla does neither, so every program is also run without any in-place operation: a memory is an immutable
vector, a tensor is a choice of its elements, and a write makes a new vector. Where PyTorch itself gives a result, it is
checked to be the same.
"""

import json
import random
from pathlib import Path

import numpy as np
import torch

torch.set_num_threads(1)
F64 = torch.float64
NAN, INF = float("nan"), float("inf")


class Raised(Exception):
    pass


def weights(shape, k):
    n = int(np.prod(shape))
    return torch.sin(torch.arange(n, dtype=F64) * 0.7 + k + 1).reshape(shape)


UNARY = ["sin", "cos", "tanh", "sigmoid", "neg", "square", "exp", "abs"]
BINARY = ["mul", "add", "sub", "div", "maximum", "atan2"]
WRITE_UNARY = ["sin", "tanh", "sigmoid", "neg", "square", "exp", "sqrt", "reciprocal"]
WRITE_BINARY = ["mul", "add", "sub", "div", "copy"]


def compute(op, args):
    """The value of an operation without its in-place form."""
    if op == "copy":
        return args[1].expand_as(args[0]) if isinstance(args[1], torch.Tensor) else torch.full_like(args[0], args[1])
    if op == "fill":
        return torch.full_like(args[0], args[1])
    if op == "zero":
        return torch.zeros_like(args[0])
    if op == "clone":
        return args[0].clone()
    return getattr(torch, op)(*args)


def view(op, x, rest):
    """A view of a NumPy array, as nabla's and PyTorch's methods of the name give it."""
    if op == "select":
        return x[(slice(None),) * rest[0] + (rest[1], ...)]
    if op == "narrow":
        return x[(slice(None),) * rest[0] + (slice(rest[1], rest[1] + rest[2]),)]
    if op == "slice":
        return x[(slice(None),) * rest[0] + (slice(rest[1], None, rest[3]),)]
    if op == "transpose":
        return np.swapaxes(x, *rest)
    if op == "unsqueeze":
        return np.expand_dims(x, rest[0])
    if op == "diagonal":
        return np.lib.stride_tricks.as_strided(x, (min(x.shape),), (sum(x.strides),))
    if op == "reshape":
        return x.reshape(rest[0])
    if op == "detach":
        return x[...]
    raise ValueError(op)


def torch_view(op, x, rest):
    if op == "slice":
        return x[(slice(None),) * rest[0] + (slice(rest[1], None, rest[3]),)]
    return getattr(x, op)(*rest)


class Program:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.steps = []
        self.leaves = []
        self.memory = []  # the vectors, by number
        self.tensors = []  # (memory, places, on the tape)
        self.arrays = []  # NumPy's views, which say what shares memory
        self.torch = []
        self.raised = False
        self.needs_dense_leaves = False  # whether a reshape is a view of a leaf, as it is of a contiguous one only

    # Reading and writing in the program without in-place operations.
    def read(self, k):
        memory, places, on_tape = self.tensors[k]
        x = self.memory[memory][places]
        return x if on_tape else x.detach()

    def new(self, value):
        self.memory.append(value.flatten())
        places = torch.arange(value.numel()).reshape(value.shape)
        self.tensors.append((len(self.memory) - 1, places, True))
        self.arrays.append(value.detach().numpy().copy())

    def peer(self, fn, appends):
        """The same in PyTorch, for as long as it does not raise."""
        if not self.raised:
            try:
                out = fn(self.torch)
                if appends:
                    self.torch.append(out)
            except RuntimeError:
                self.raised = True

    def leaf(self, shape):
        values = [round(self.rng.uniform(-1.5, 1.5), 3) or 0.5 for _ in range(int(np.prod(shape)))]
        x = torch.tensor(values, dtype=F64).reshape(shape).requires_grad_()
        self.leaves.append(x)
        self.new(x)
        self.torch.append(x.detach().clone().requires_grad_())

    def random_tensor(self, shape=None, writable=False):
        """One whose shape broadcasts to the one given."""
        able = []
        for k, (_, places, _) in enumerate(self.tensors):
            if writable and (k < len(self.leaves) or places.unique().numel() != places.numel() or self.of_leaf(k)):
                continue
            if places.numel() == 0:
                continue
            if shape is not None:
                try:
                    if torch.broadcast_shapes(shape, places.shape) != torch.Size(shape):
                        continue
                except RuntimeError:
                    continue
            able.append(k)
        return self.rng.choice(able) if able else None

    def of_leaf(self, k):
        return self.tensors[k][0] < len(self.leaves)

    def step(self):
        kind = self.rng.choices(["unary", "binary", "view", "write", "off"], [2, 3, 4, 6, 1])[0]
        getattr(self, kind)()

    def add(self, op, args, off=False):
        step = [op, *args]
        self.steps.append({"off": step} if off else step)

    def unary(self):
        k, op = self.random_tensor(), self.rng.choice([*UNARY, "clone"])
        self.add(op, [f"t{k}"])
        self.new(compute(op, [self.read(k)]))
        self.peer(lambda t: compute(op, [t[k]]), True)

    def operand(self, shape=None):
        k = self.random_tensor(shape)
        if k is None or self.rng.random() < 0.2:
            return round(self.rng.uniform(0.5, 2), 2) + 0.001
        return f"t{k}"

    def value(self, x):
        return self.read(int(x[1:])) if isinstance(x, str) else x

    def binary(self):
        k, op = self.random_tensor(), self.rng.choice(BINARY)
        other = self.operand(self.tensors[k][1].shape)
        if not isinstance(other, str) and op in ("maximum", "atan2"):
            op = "mul"
        self.add(op, [f"t{k}", other])
        self.new(compute(op, [self.read(k), self.value(other)]))
        self.peer(lambda t: compute(op, [t[k], t[int(other[1:])] if isinstance(other, str) else other]), True)

    def view(self):
        k = self.random_tensor()
        shape = list(self.tensors[k][1].shape)
        options = [("unsqueeze", [self.rng.randrange(len(shape) + 1)])] if len(shape) < 3 else []
        for d, size in enumerate(shape):
            options.append(("select", [d, self.rng.randrange(size)]))
            length = self.rng.randint(1, size)
            options.append(("narrow", [d, self.rng.randint(0, size - length), length]))
            options.append(("slice", [d, self.rng.randrange(size), None, 2]))
        if len(shape) >= 2:
            options += [("transpose", [0, len(shape) - 1])] * 2
            options += [("reshape", [[-1]])] * 2
        if len(shape) == 2:
            options.append(("diagonal", []))
        if len(shape) == 1 and shape[0] % 2 == 0:
            options.append(("reshape", [[2, shape[0] // 2]]))
        if self.rng.random() < 0.1:
            options = [("detach", [])]
        op, rest = self.rng.choice(options or [("detach", [])])
        self.add(op, [f"t{k}", *rest])
        out = view(op, self.arrays[k], rest)
        memory, places, on_tape = self.tensors[k]
        if np.shares_memory(out, self.arrays[k]):
            self.needs_dense_leaves |= op == "reshape" and memory < len(self.leaves)
            self.arrays.append(out)
            self.tensors.append((memory, torch.from_numpy(view(op, places.numpy(), rest).copy()), on_tape and op != "detach"))
        else:
            self.new(self.read(k).reshape(rest[0]))
        self.peer(lambda t: torch_view(op, t[k], rest), True)

    def put(self, k, value, on_tape):
        """Writes a value; one that is not on the tape leaves the slope of what was there."""
        memory, places, own = self.tensors[k]
        if not (own and on_tape):
            now = self.memory[memory][places]
            value = now + (value - now).detach()
        before = self.memory[memory]
        self.memory[memory] = before.index_put((places.flatten(),), value.expand(places.shape).flatten())
        self.arrays[k][...] = value.detach().numpy()

    def write(self):
        k = self.random_tensor(writable=True)
        if k is None:
            return
        own = self.tensors[k][2]
        shape = self.tensors[k][1].shape
        roll = self.rng.random()
        if roll < 0.35 or not own:
            op, args = self.rng.choice(WRITE_UNARY[:6] if not own else WRITE_UNARY), []
        elif roll < 0.9:
            op, args = self.rng.choice(WRITE_BINARY), [self.operand(shape)]
        else:
            op, args = self.rng.choice([("fill", [1.25]), ("zero", [])])
        if op == "copy" and not isinstance(args[0], str):
            op = "mul"
        if op in ("sqrt", "reciprocal") and (self.read(k) <= 0.2).any():
            op = "sin"
        self.add(op + "_", [f"t{k}", *args])
        self.put(k, compute(op, [self.read(k), *map(self.value, args)]), True)
        name = op + "_"
        self.peer(
            lambda t: getattr(t[k], name)(*[t[int(a[1:])] if isinstance(a, str) else a for a in args]), False
        )

    def off(self):
        """A write while nothing is recorded, to leaves too."""
        k = self.random_tensor()
        if self.tensors[k][1].unique().numel() != self.tensors[k][1].numel():
            return
        op = self.rng.choice(["sin", "mul", "add"])
        args = [] if op == "sin" else [0.75]
        self.add(op + "_", [f"t{k}", *args], True)
        self.put(k, compute(op, [self.read(k), *args]).detach(), False)

        def run(t):
            with torch.no_grad():
                getattr(t[k], op + "_")(*args)

        self.peer(run, False)

    def loss(self, tensors):
        total = torch.zeros((), dtype=F64)
        for k, x in enumerate(tensors):
            total = total + (x * weights(x.shape, k)).sum()
        return total

    def gradients(self, tensors, leaves):
        first = torch.autograd.grad(self.loss(tensors), leaves, create_graph=True, allow_unused=True)
        first = [torch.zeros_like(x) if g is None else g for g, x in zip(first, leaves)]
        second = [torch.zeros_like(x) for x in leaves]
        again = self.loss(first)
        if again.requires_grad:
            found = torch.autograd.grad(again, leaves, allow_unused=True)
            second = [s if g is None else g for g, s in zip(found, second)]
        return first, second

    def result(self):
        final = [self.read(k) for k in range(len(self.tensors))]
        first, second = self.gradients(final, self.leaves)
        every = torch.cat([x.detach().flatten() for x in [*final, *first, *second]])
        if not (every.abs() < 1e5).all():  # near a pole, rounding errors grow
            return None
        if not self.raised:
            try:
                one, two = self.gradients(self.torch, self.torch[: len(self.leaves)])
            except RuntimeError:
                self.raised = True
            else:
                for a, b in zip([*final, *first, *second], [*self.torch, *one, *two], strict=True):
                    assert torch.allclose(a, b, 1e-9, 1e-9, equal_nan=True), (self.steps, a, b)
        return final, first, second


def numbers(x):
    return [v if isinstance(v, int) else v if np.isfinite(v) else str(v).replace("+", "") for v in short(x)]


def short(x):
    out = []
    for v in x.detach().flatten().tolist():
        v = float(f"{v:.11g}")
        out.append(int(v) if np.isfinite(v) and v == int(v) and abs(v) < 1e9 and str(v)[0] != "-" else v)
    return out


def programs():
    found = []
    seed = 0
    while len(found) < 400:
        seed += 1
        program = Program(seed)
        shapes = [(2, 3), (3,), (2, 2), (4,), (2, 1), (3, 2, 2), ()]
        for _ in range(program.rng.randint(1, 3)):
            program.leaf(program.rng.choice(shapes))
        leaves = [[list(x.shape), numbers(x)] for x in program.leaves]
        for k in range(len(program.leaves)):
            if program.rng.random() < 0.7:
                program.add("clone", [f"t{k}"])
                program.new(program.read(k).clone())
                program.peer(lambda t, k=k: t[k].clone(), True)
        for _ in range(program.rng.randint(4, 12)):
            program.step()
        result = program.result()
        if result is None:
            continue
        final, first, second = result
        found.append(
            {
                "seed": seed,
                "leaves": leaves,
                "steps": program.steps,
                "raised": program.raised,
                "dense": program.needs_dense_leaves,
                "final": [numbers(x) for x in final],
                "first": [numbers(x) for x in first],
                "second": [numbers(x) for x in second],
            }
        )
    return found


# ---------------------------------------------------------------------------------------------- kinks

UNARY_KINKS = """neg abs sign floor ceil round trunc relu reciprocal square sqrt rsqrt exp exp2 expm1 log log2 log10
log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf erfc""".split()
BINARY_KINKS = "add sub mul div pow remainder fmod atan2 hypot maximum minimum".split()
POINTS = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 1.5, 2.5, 30.0, -30.0, 800.0, -800.0]
PAIR = [0.0, 1.0, -1.0, 2.0, -0.5, INF, -INF, NAN]

kinks = []


def kink(op, inputs, *rest, fn=None):
    xs = [torch.tensor(v, dtype=F64).requires_grad_() for v in inputs]
    out = (fn or getattr(torch, op))(*xs, *rest)
    if not isinstance(out, torch.Tensor):
        out = out.values
    gradients = torch.autograd.grad(out, xs, torch.ones_like(out))
    kinks.append(
        {
            "op": op,
            "inputs": [{"shape": list(x.shape), "values": numbers(x)} for x in xs],
            "rest": [str(v) if v in (INF, -INF) else v for v in rest],
            "gradients": [[v if np.isfinite(v) else str(v) for v in g.flatten().tolist()] for g in gradients],
        }
    )


def all_kinks():
    for op in UNARY_KINKS:
        kink(op, [POINTS])
    x = [a for a in PAIR for _ in PAIR]
    y = PAIR * len(PAIR)
    for op in BINARY_KINKS:
        kink(op, [x, y])
    for exponent in (0, 1, 2, 3, -1, -2):
        kink("pow", [POINTS], exponent)
    for exponent in (0.5, -0.5):
        kink("pow", [POINTS], exponent)
    kink("pow", [[x for x in POINTS if x != -INF and str(x) != "-0.0"]], 1.5)
    functional = torch.nn.functional
    finite = [x for x in POINTS if abs(x) != INF]
    # At infinities PyTorch multiplies 0 by one of them, and far below 0 its 1 + erf(x) is 0.
    kink("silu", [finite], fn=functional.silu)
    kink("gelu", [[x for x in finite if x != -30.0]], fn=functional.gelu)
    kink("gelu", [finite], {"approximate": "tanh"}, fn=lambda x, _: functional.gelu(x, approximate="tanh"))
    kink("softplus", [POINTS], fn=functional.softplus)
    kink("softplus", [POINTS], {"beta": 2, "threshold": 1}, fn=lambda x, _: functional.softplus(x, 2, 1))
    kink("lgamma", [POINTS])
    kink("nansum", [POINTS])
    kink("nanmean", [finite])
    ties = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, 5.0, 0.0]]
    for op in ("amax", "amin", "max", "min"):
        kink(op, [ties])
        kink(op, [ties], 1)
        kink(op, [ties], 0)
        kink(op, [[NAN, 1.0, NAN]], 0)
        kink(op, [[NAN, 1.0, NAN]])
        kink(op, [3.0], 0)
        kink(op, [[2.0, -0.0, 0.0, 2.0]])
    for op in ("median", "nanmedian"):
        kink(op, [ties])
        kink(op, [[NAN, 1.0, NAN]])
        kink(op, [[NAN, 1.0, NAN]], 0)
        kink(op, [3.0], 0)
    kink("mode", [[1.0, 3.0, 3.0, 1.0, 3.0]], 0)
    kink("kthvalue", [[INF, NAN, -INF]], 3)
    kink("cummax", [[1.0, 3.0, 3.0, NAN, 2.0, NAN]], 0)
    kink("cummin", [[1.0, 3.0, 1.0, -INF, 2.0, -INF]], 0)
    for p in (0.5, 1, 1.5, 2, 3, -1, INF, -INF):
        for values in ([0.0, 0.0], [3.0, -4.0, 0.0], [2.0, -2.0, 2.0], [INF, 1.0], [NAN, 1.0], [-0.0, 2.0]):
            kink("norm", [values], p)
    for op in ("var", "std"):
        fn = getattr(torch, op)
        for values in ([2.0, 2.0, 2.0], [2.0, 3.0], [1.0], [INF, 1.0], [NAN, 1.0]):
            for correction in (0, 1, 3):
                # PyTorch cannot go back through the variance of one element without a dim.
                kink(op, [values], 0, {"correction": correction}, fn=lambda x, d, o, fn=fn: fn(x, dim=d, **o))
    for zeros in ([0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [INF, 0.0, 2.0], [2.0], [0.0]):
        kink("prod", [zeros])
        kink("prod", [zeros], 0)
        if INF not in zeros:
            kink("cumprod", [zeros], 0)
    kink("prod", [[[0.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]], 1)
    for values in ([-INF, 0.0, 1.0], [-INF, -INF], [INF, 0.0], [1000.0, 999.0], [5.0]):
        kink("logsumexp", [values], 0)
        kink("softmax", [values], 0)
        kink("logSoftmax", [values], 0, fn=torch.log_softmax)
        kink("cumsum", [values], 0)
    for values in ([-INF, -INF, 0.0, 1.0], [0.0, -INF], [1000.0, 999.0], [5.0], [1.0, INF]):
        kink("logcumsumexp", [values], 0)
    kink("clamp", [POINTS], -1, 2)
    kink("clamp", [[1.0, 2.0, 3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [2.0, 3.0, 2.5, 1.0]])
    kink("clamp", [[NAN, 1.0, 1.0], [0.0, NAN, 0.0], [2.0, 2.0, NAN]])


all_kinks()
found = programs()
path = Path(__file__).with_name("programs.json")
text = ",\n".join(json.dumps(p, separators=(",", ":")) for p in found)
marks = ",\n".join(json.dumps(k, separators=(",", ":")) for k in kinks)
path.write_text('{"programs":[\n' + text + '\n],\n"kinks":[\n' + marks + "\n]}\n")
raised = sum(p["raised"] for p in found)
print(len(found), "programs,", raised, "that PyTorch refuses,", len(kinks), "kinks,", path.stat().st_size, "bytes")
