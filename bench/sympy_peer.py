"""Times NumPy functions that SymPy's lambdify makes, for bench/peer.ts: one line of JSON in, one out."""

import json
import sys
import time

import numpy
import sympy

print(f"sympy {sympy.__version__} with numpy {numpy.__version__}", flush=True)


def timed(run, calls):
    for _ in range(calls // 10):
        run()
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


def prepare(question):
    symbols = sympy.symbols(question["names"])
    f = sympy.sympify(question["text"])
    exprs = [f] + [f.diff(s) for s in symbols] if question["gradient"] else [f]
    function = sympy.lambdify(symbols, exprs, "numpy", cse=True)
    count, dtype = question["n"], question["dtype"]
    points = [numpy.linspace(a, b, count).astype(dtype) for a, b in question["ranges"]]
    run = lambda: function(*points)
    checksum = float(numpy.abs(run()[0].astype("float64")).sum())
    calls = 1
    while True:
        seconds = timed(run, calls) * calls
        if seconds > question["seconds"] / 2:
            break
        calls *= 2
    calls = max(1, round(calls * question["seconds"] / seconds))
    return run, {"calls": calls, "checksum": checksum}


run = None
for line in sys.stdin:
    question = json.loads(line)
    reply = None
    if "text" in question:
        run, reply = prepare(question)
    elif "calls" in question:
        reply = timed(run, question["calls"])
    else:
        run = None
    print(json.dumps(reply), flush=True)
