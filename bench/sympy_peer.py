"""Times NumPy functions that SymPy's lambdify makes."""

import numpy
import sympy
from python_peer import serve


def prepare(question):
    symbols = sympy.symbols(question["names"])
    f = sympy.sympify(question["text"])
    exprs = [f] + [f.diff(s) for s in symbols] if question["gradient"] else [f]
    function = sympy.lambdify(symbols, exprs, "numpy", cse=True)
    count, dtype = question["n"], question["dtype"]
    points = [numpy.linspace(a, b, count).astype(dtype) for a, b in question["ranges"]]

    def run(calls):
        for _ in range(calls):
            function(*points)

    return run, float(numpy.abs(function(*points)[0].astype("float64")).sum())


serve(f"sympy {sympy.__version__} with numpy {numpy.__version__}", prepare)
