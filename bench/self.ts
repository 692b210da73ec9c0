/** nabla as its own peer: other operands, or another number of threads. */
import type { Tensor } from "nabla";
import { getNumThreads, setNumThreads } from "nabla";
import { calibrate, time } from "./measure.js";
import type { Peer } from "./peer.js";

export interface SelfQuestion {
  readonly prepare: () => () => Tensor;
  readonly threads: number;
}

export async function connectSelf(): Promise<Peer> {
  let run: (() => Tensor) | null = null;
  let count = 1;
  const timed = <T>(work: (run: () => Tensor) => T): T => {
    const before = getNumThreads();
    setNumThreads(count);
    try {
      return work(run!);
    } finally {
      setNumThreads(before);
    }
  };
  return {
    version: "",
    prepare: async (question, seconds) => {
      const { prepare, threads } = question as SelfQuestion;
      run = prepare();
      count = threads;
      return { calls: timed((work) => calibrate(work, seconds)), checksum: null };
    },
    time: async (calls) => timed((work) => time(work, calls)),
    rest: async () => {
      run = null;
    },
    close: () => {},
  };
}
