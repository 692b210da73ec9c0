"""Times PyTorch for bench/peer.ts: one line of JSON in, one out."""

import json
import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
print(f"torch {torch.__version__}", flush=True)


def timed(run, calls):
    run(calls // 10)
    start = time.perf_counter()
    run(calls)
    return (time.perf_counter() - start) / calls


def prepare(question):
    torch.manual_seed(0)
    scope = {"torch": torch}
    exec(question["setup"], scope)
    result = eval(question["statement"], scope)
    checksum = float(result.detach().double().abs().sum())
    # The loop is compiled with the statement inside, so that no call comes between.
    exec(f"def run(calls):\n    for _ in range(calls):\n        {question['statement']}", scope)
    run = scope["run"]
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
    if "statement" in question:
        run, reply = prepare(question)
    elif "calls" in question:
        reply = timed(run, question["calls"])
    else:
        run = None
    print(json.dumps(reply), flush=True)
