/**
 * `npm run bench [-- name]`: times nabla beside its peers, in turns, in one run. What counts is the median of the paired
 * ratios; absolute times depend on the machine. With a name, only the cases whose name contains it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import * as nabla from "nabla";
import type { Case } from "./eager.js";
import { eager } from "./eager.js";
import type { Peer } from "./torch.js";
import { connectTorch } from "./torch.js";

const rounds = Number(process.env.NABLA_BENCH_ROUNDS ?? 21);
const batchSeconds = 0.02;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Seconds for one call, over a batch of calls; a tenth as many come first, since the peer had the caches until now. */
function time(fn: () => void, calls: number): number {
  for (let i = 0; i < calls / 10; i++) fn();
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) fn();
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}

/** How many calls fill a batch, found while the code warms up. */
function calibrate(fn: () => void): number {
  let calls = 1;
  for (;;) {
    const seconds = time(fn, calls) * calls;
    if (seconds > batchSeconds / 2)
      return Math.max(1, Math.round((calls * batchSeconds) / seconds));
    calls *= 2;
  }
}

const show = (seconds: number): string =>
  seconds < 1e-6
    ? `${(seconds * 1e9).toFixed(0)} ns`
    : seconds < 1e-3
      ? `${(seconds * 1e6).toFixed(2)} µs`
      : `${(seconds * 1e3).toFixed(2)} ms`;

interface Row {
  name: string;
  nabla: number;
  torch: number | null;
  ratio: number | null;
  flops: number | null;
  least: number | null;
}

async function measure(c: Case, torch: Peer | null): Promise<Row> {
  const run = c.prepare();
  const calls = calibrate(run);
  const peerCalls = torch === null ? 0 : await torch.calibrate(c.torch, batchSeconds);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < rounds; i++) {
    ours.push(time(run, calls));
    if (torch !== null) theirs.push(await torch.time(peerCalls));
  }
  const ratios = theirs.map((t, i) => t / ours[i]);
  return {
    name: c.name,
    nabla: median(ours),
    torch: torch === null ? null : median(theirs),
    ratio: torch === null ? null : median(ratios),
    flops: c.flops === undefined ? null : c.flops / median(ours),
    least: c.least ?? null,
  };
}

const only = process.argv[2];
const cases = eager.filter((c) => only === undefined || c.name.includes(only));
const torch = await connectTorch();
const lines = [
  `${cpus()[0].model.trim()}, ${cpus().length} cores seen, one thread each; Node ${process.version}, nabla ${nabla.isa}, ${torch === null ? "no torch" : `torch ${torch.version}`}; medians of ${rounds} interleaved batches`,
  "",
  "| work | nabla | torch | torch / nabla | |",
  "|---|---|---|---|---|",
];
console.log(lines.join("\n"));
for (const c of cases) {
  const row = await measure(c, torch);
  const notes = [
    row.flops === null ? "" : `${(row.flops / 1e9).toFixed(1)} GFLOP/s`,
    row.least === null ? "" : `wanted: ≥ ${row.least}`,
  ].filter(Boolean);
  const line = `| ${row.name} | ${show(row.nabla)} | ${row.torch === null ? "–" : show(row.torch)} | ${row.ratio === null ? "–" : row.ratio.toFixed(2)} | ${notes.join("; ")} |`;
  lines.push(line);
  console.log(line);
}
torch?.close();
if (only === undefined && torch !== null) {
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}eager.md`, `${lines.join("\n")}\n`);
}
