/**
 * `npm run bench -- [suite]`: times nabla beside its peers, in turns, in one run. What counts is the median of the paired
 * ratios; absolute times depend on the machine. bench/README.md has the options.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as nabla from "nabla";
import type { Case, Suite } from "./case.js";
import { eager } from "./eager.js";
import { elementwise } from "./elementwise.js";
import { linear } from "./linalg.js";
import type { Timing } from "./measure.js";
import { measure } from "./measure.js";
import type { Peer } from "./peer.js";
import { peers } from "./peers.js";
import { symbolic } from "./symbolic.js";

const suites: Record<string, () => Suite> = {
  eager,
  elementwise,
  linalg: linear,
  peers,
  symbolic,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true },
    dtype: { type: "string", multiple: true },
    n: { type: "string", multiple: true },
    threads: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    "no-write": { type: "boolean", default: false },
  },
});
const name = positionals[0] ?? "eager";
if (positionals.length > 1 || !Object.hasOwn(suites, name)) {
  throw new Error(
    `the suites are ${Object.keys(suites).join(", ")}; asked for was ${positionals.join(" ")}`,
  );
}
const effort = values.quick
  ? { rounds: 5, batchSeconds: 0.005, caseSeconds: 0.3 }
  : { rounds: 21, batchSeconds: 0.02, caseSeconds: 0.8 };

const wanted = (c: Case): boolean =>
  (values.only?.some((part) => c.work.includes(part)) ?? true) &&
  (values.dtype?.includes(c.dtype) ?? true) &&
  (values.n?.some((n) => Number(n) === c.n) ?? true) &&
  (values.threads?.some((threads) => Number(threads) === c.threads) ?? true);

interface Row extends Case {
  readonly timing: Timing;
  readonly note: string;
}

const showTime = (seconds: number | null): string =>
  seconds === null
    ? "–"
    : seconds < 1e-6
      ? `${(seconds * 1e9).toFixed(0)} ns`
      : seconds < 1e-3
        ? `${(seconds * 1e6).toFixed(2)} µs`
        : `${(seconds * 1e3).toFixed(2)} ms`;

const ratioOf = (row: Row): number | null => row.timing.ratio;
/** Above one, the goal is met. Null where there is no goal, or nothing to compare with. */
const margin = (row: Row): number | null => {
  const ratio = ratioOf(row);
  return row.goal === undefined || ratio === null ? null : ratio / row.goal;
};

function line(row: Row): string {
  const { timing, goal, amount } = row;
  const ratio = ratioOf(row);
  const reached = margin(row);
  const cells = [
    row.work,
    row.dtype,
    row.size,
    row.threads,
    showTime(timing.nabla),
    row.peer,
    showTime(timing.peer),
    ratio?.toFixed(2) ?? "–",
    goal === undefined ? "" : `≥ ${goal}`,
    reached === null ? row.note : reached >= 1 ? "met" : "**not met**",
    amount === undefined
      ? ""
      : `${(amount.count / timing.nabla / 1e9).toFixed(1)} G${amount.unit}/s`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** How many goals were met, in all and of each kind of work, with the row that is farthest from its goal. */
function summary(rows: readonly Row[]): string[] {
  if (rows.every((row) => row.goal === undefined)) return [];
  const judged = rows.filter((row) => margin(row) !== null);
  const met = (some: readonly Row[]): number => some.filter((row) => margin(row)! >= 1).length;
  const missing = rows.filter((row) => row.goal !== undefined).length - judged.length;
  const lines = [
    `${met(judged)} of ${judged.length} goals met${missing === 0 ? "" : `; ${missing} could not be measured`}.`,
  ];
  if (judged.length === 0) return lines;
  lines.push("", "| work | met | farthest from its goal | ratio | goal |", "|---|---|---|---|---|");
  for (const work of new Set(judged.map((row) => row.work))) {
    const some = judged.filter((row) => row.work === work);
    const worst = some.reduce((a, b) => (margin(b)! < margin(a)! ? b : a));
    const where = `${worst.dtype}, ${worst.size}, threads: ${worst.threads}`;
    lines.push(
      `| ${work} | ${met(some)} of ${some.length} | ${where} | ${ratioOf(worst)!.toFixed(2)} | ≥ ${worst.goal} |`,
    );
  }
  return lines;
}

/** The sizes of the first core's caches, where Linux tells. */
function caches(): string {
  const sizes = [2, 3].map((index) => {
    try {
      const file = `/sys/devices/system/cpu/cpu0/cache/index${index}/size`;
      return `L${index} ${readFileSync(file, "utf8").trim()}`;
    } catch {
      return "";
    }
  });
  return sizes.filter(Boolean).join(", ");
}

const suite = suites[name]();
const connected = new Map<string, Promise<Peer | null>>();
const peerOf = ({ peer, threads }: Case): Promise<Peer | null> => {
  const key = `${peer} ${threads}`;
  if (!connected.has(key)) connected.set(key, suite.connect[peer](threads));
  return connected.get(key)!;
};

const head = [
  "| work | dtype | size | threads | nabla | peer | peer's time | peer / nabla | goal | | rate |",
  "|---|---|---|---|---|---|---|---|---|---|---|",
];
console.log(head.join("\n"));
const load = loadavg()[0];
const started = performance.now();
const rows: Row[] = [];
let complete = !values.quick;
for (const c of suite.cases) {
  if (!wanted(c)) {
    complete = false;
    continue;
  }
  const peer = await peerOf(c);
  const timing = await measure(c, peer, effort);
  const note = peer === null ? "no peer" : "";
  if (note !== "") complete = false;
  const row = { ...c, timing, note };
  rows.push(row);
  console.log(line(row));
}
const present = (await Promise.all(connected.values())).filter((peer) => peer !== null);
for (const peer of present) peer.close();

const minutes = (performance.now() - started) / 60_000;
const versions = [...new Set(present.map((peer) => peer.version))];
const machine = [
  `${cpus()[0].model.trim()}, ${cpus().length} cores seen`,
  caches(),
  `Node ${process.version}`,
  `nabla ${nabla.isa}`,
  ...versions,
  `medians of up to ${effort.rounds} interleaved batches`,
  `load ${load.toFixed(1)} at the start`,
  `${minutes.toFixed(1)} minutes`,
];
const description = machine.filter(Boolean).join("; ");
const conclusion = summary(rows);
console.log(["", description, "", ...conclusion].join("\n"));
if (complete && !values["no-write"]) {
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const text = [description, "", ...head, ...rows.map(line), "", ...conclusion, ""].join("\n");
  writeFileSync(`${folder}${name}.md`, text);
}
