"""Times PyTorch."""

import os

import torch
from python_peer import serve

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def prepare(question):
    torch.manual_seed(0)
    scope = {"torch": torch}
    exec(question["setup"], scope)
    result = eval(question["statement"], scope)
    checksum = float(result.detach().double().abs().sum())
    # The loop is compiled with the statement inside, so that no call comes between.
    exec(f"def run(calls):\n    for _ in range(calls):\n        {question['statement']}", scope)
    return scope["run"], checksum


serve(f"torch {torch.__version__}", prepare)
