/** Times a case beside its peer. */
import { setTimeout as pause } from "node:timers/promises";
import type { Tensor } from "nabla";
import * as nabla from "nabla";
import type { Case } from "./case.js";
import type { Peer } from "./peer.js";

export interface Effort {
  readonly rounds: number;
  /** How long a batch of calls lasts. */
  readonly batchSeconds: number;
  /** Where even single calls take longer than a batch, there are fewer rounds, but never fewer than three. */
  readonly caseSeconds: number;
}

export interface Timing {
  readonly nabla: number;
  readonly peer: number | null;
  /** The peer's time over nabla's. */
  readonly ratio: number | null;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Seconds for one call, over a batch of calls; a tenth as many come first, since the peer had the caches until now.
 *
 * Every result is computed before the next call: `realize` waits for it. Garbage is part of the time: results are
 * dropped as they come, their memory is V8's, and a batch is synchronous, so that whatever collection its allocations
 * bring about happens inside it. `--trace-gc` shows scavenges in every batch of 20 ms.
 */
export function time(run: () => Tensor, calls: number): number {
  for (let i = 0; i < calls / 10; i++) run().realize();
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) run().realize();
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}

/** How many calls fill a batch, found while the code warms up: V8 optimises it in some tens of milliseconds. */
export function calibrate(run: () => Tensor, batchSeconds: number): number {
  const start = performance.now();
  for (let calls = 1; ; ) {
    const seconds = time(run, calls) * calls;
    if (seconds < batchSeconds / 2) calls *= 2;
    else if (performance.now() - start > 50) {
      return Math.max(1, Math.round((calls * batchSeconds) / seconds));
    }
  }
}

/** Throws unless both have computed the same. The sum of absolute values forgives what rounding does. */
function compare({ work, dtype, size }: Case, run: () => Tensor, theirs: number | null): void {
  if (theirs === null) return;
  const ours = Number(run().detach().to("float64").abs().sum().item());
  if (!(Math.abs(ours - theirs) <= 1e-4 * Math.abs(theirs))) {
    throw new Error(
      `${work}, ${dtype}, ${size}: nabla's result sums to ${ours}, its peer's to ${theirs}`,
    );
  }
}

/** No core gets through more elements in a second: a faster result was not computed. */
const mostElements = 2e11;

export async function measure(c: Case, peer: Peer | null, effort: Effort): Promise<Timing> {
  nabla.manualSeed(0);
  nabla.setNumThreads(c.threads);
  const run = c.prepare();
  const theirs = await peer?.prepare(c.question, effort.batchSeconds);
  compare(c, run, theirs?.checksum ?? null);
  const calls = calibrate(run, effort.batchSeconds);
  // Threads without work may go on waiting in a loop for a while.
  const settle = async (): Promise<void> => {
    if (c.threads > 1) await pause(10);
  };
  const ourTimes: number[] = [];
  const theirTimes: number[] = [];
  const start = performance.now();
  for (let i = 0; i < effort.rounds; i++) {
    if (i >= 3 && performance.now() - start > effort.caseSeconds * 1000) break;
    await settle();
    ourTimes.push(time(run, calls));
    if (peer === null || theirs === undefined) continue;
    await settle();
    theirTimes.push(await peer.time(theirs.calls));
  }
  await peer?.rest();
  const ours = median(ourTimes);
  if (c.n >= 1e6 && c.n / ours > mostElements * c.threads) {
    throw new Error(`${c.work}, ${c.dtype}, ${c.size}: ${ours} s are too few to have computed it`);
  }
  return {
    nabla: ours,
    peer: peer === null ? null : median(theirTimes),
    ratio: peer === null ? null : median(theirTimes.map((t, i) => t / ourTimes[i])),
  };
}
