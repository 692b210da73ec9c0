"""Times PyTorch for bench/index.ts: one JSON line in, one number out."""

import json
import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
print(torch.__version__, flush=True)


def timed(run, calls):
    run(calls // 10)
    start = time.perf_counter()
    run(calls)
    return (time.perf_counter() - start) / calls


run = None
for line in sys.stdin:
    question = json.loads(line)
    if "calls" in question:
        print(timed(run, question["calls"]), flush=True)
        continue
    scope = {"torch": torch}
    exec(question["setup"], scope)
    # The loop is compiled with the statement inside, so that no call comes between.
    exec(f"def run(calls):\n    for _ in range(calls):\n        {question['statement']}", scope)
    run = scope["run"]
    calls = 1
    while True:
        seconds = timed(run, calls) * calls
        if seconds > question["seconds"] / 2:
            break
        calls *= 2
    print(max(1, round(calls * question["seconds"] / seconds)), flush=True)
