/** PyTorch in a process of its own, told what to time over a pipe. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Peer {
  readonly version: string;
  /** Takes up a piece of work, warms it up, and finds how many calls last that many seconds. */
  calibrate(work: { setup: string; statement: string }, seconds: number): Promise<number>;
  /** Seconds for one call, over that many. */
  time(calls: number): Promise<number>;
  close(): void;
}

const python = process.env.NABLA_BENCH_PYTHON ?? "/usr/bin/python3";

/** Null where there is no Python with torch. */
export async function connectTorch(): Promise<Peer | null> {
  if (!existsSync(python)) return null;
  const threads = process.env.NABLA_NUM_THREADS ?? "1";
  const peer = spawn(python, [fileURLToPath(new URL("torch_peer.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
  });
  const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string | null> => {
    const { value, done } = await lines.next();
    return done ? null : value;
  };
  const ask = async (question: object): Promise<string> => {
    peer.stdin.write(`${JSON.stringify(question)}\n`);
    const reply = await answer();
    if (reply === null) throw new Error(`torch ended at ${JSON.stringify(question)}`);
    return reply;
  };
  const version = await answer();
  if (version === null) return null;
  return {
    version,
    calibrate: async (work, seconds) => Number(await ask({ ...work, seconds })),
    time: async (calls) => Number(await ask({ calls })),
    close: () => peer.stdin.end(),
  };
}
