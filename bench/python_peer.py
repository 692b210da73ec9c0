"""Answers bench/peer.ts for a Python library: one line of JSON in, one out."""

import json
import sys
import time


def timed(run, calls):
    run(calls // 10)
    start = time.perf_counter()
    run(calls)
    return (time.perf_counter() - start) / calls


def serve(version, prepare):
    """`prepare` makes of a question run(calls), and the sum of the absolute values of its result."""
    print(version, flush=True)
    run = None
    for line in sys.stdin:
        question = json.loads(line)
        reply = None
        if "calls" in question:
            reply = timed(run, question["calls"])
        elif question:
            run, checksum = prepare(question)
            calls = 1
            while True:
                seconds = timed(run, calls) * calls
                if seconds > question["seconds"] / 2:
                    break
                calls *= 2
            calls = max(1, round(calls * question["seconds"] / seconds))
            reply = {"calls": calls, "checksum": checksum}
        else:
            run = None
        print(json.dumps(reply), flush=True)
