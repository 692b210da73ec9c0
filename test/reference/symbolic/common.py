"""What the scripts of this folder share: parsing, a time limit per case, and writing JSON."""

import json
import signal
from contextlib import contextmanager
from pathlib import Path

from sympy import Function, Symbol, sympify
from sympy.core.cache import clear_cache

# Names that SymPy would read as functions or constants: where they are not called, they are symbols here.
SYMBOL_NAMES = ["beta", "gamma", "zeta", "S", "N", "Q", "O"]


def symbols_of(assumptions):
    """Symbols by name, from {"x": ["positive"]}."""
    return {name: Symbol(name, **dict.fromkeys(words, True)) for name, words in assumptions.items()}


def parse(text, assumptions=None):
    names = {name: Symbol(name) for name in SYMBOL_NAMES if name + "(" not in text}
    names |= {name: Function(name) for name in "fgh"}
    return sympify(text, locals=names | symbols_of(assumptions or {}))


@contextmanager
def alone(name, seconds=60):
    """Runs a case with an empty cache, so that it depends on no other, and stops the script if it hangs."""

    def stop(*_):
        raise TimeoutError(name)

    clear_cache()
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    except Exception as error:
        error.add_note(f"in {name}")
        raise
    finally:
        signal.alarm(0)


def write(script, cases):
    """One case on a line, in a file named after the script."""
    lines = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    Path(script).with_suffix(".json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
