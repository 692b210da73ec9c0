/** Libraries to compare with, each in a process of its own that is told over a pipe what to time. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Prepared {
  /** How many calls last as long as was asked for. */
  readonly calls: number;
  /** The sum of the result's absolute values; null where the peer does not say. */
  readonly checksum: number | null;
}

export interface Peer {
  /** The library and its version. */
  readonly version: string;
  /** Takes up a piece of work and warms it up. */
  prepare(question: object, seconds: number): Promise<Prepared>;
  /** Seconds for one call, over that many. */
  time(calls: number): Promise<number>;
  /** Forgets the work, and the memory it holds. */
  rest(): Promise<void>;
  close(): void;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = process.env.NABLA_BENCH_PYTHON ?? "/usr/bin/python3";

/** A process that answers each line of JSON with one, after a first line with its version. Null if it ends before. */
async function connect(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Peer | null> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const version = await lines.next();
  if (version.done) return null;
  const ask = async (question: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const reply = await lines.next();
    if (reply.done) throw new Error(`${version.value} ended at ${JSON.stringify(question)}`);
    return JSON.parse(reply.value);
  };
  return {
    version: version.value,
    prepare: async (question, seconds) => (await ask({ ...question, seconds })) as Prepared,
    time: async (calls) => Number(await ask({ calls })),
    rest: async () => void (await ask({})),
    close: () => child.stdin.end(),
  };
}

/** PyTorch. */
export async function connectTorch(threads: number): Promise<Peer | null> {
  if (!existsSync(python)) return null;
  if (spawnSync(python, ["-c", "import torch"]).status !== 0) return null;
  const count = String(threads);
  // OpenBLAS's threads wait in a loop, on the cores that nabla's batch needs: for 2^20 cycles instead of 2^26 or more.
  const waits = { OPENBLAS_THREAD_TIMEOUT: "20" };
  const env = { ...process.env, ...waits, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count };
  return connect(python, [here("torch_peer.py")], env);
}

/** NumPy functions that SymPy makes. NumPy computes elementwise on one thread. */
export async function connectSympy(): Promise<Peer | null> {
  if (!existsSync(python)) return null;
  if (spawnSync(python, ["-c", "import numpy, sympy"]).status !== 0) return null;
  return connect(python, [here("sympy_peer.py")]);
}

/** A loop written by hand for this processor, bench/native/NAME.cc: what its memory or its arithmetic allows. */
export async function connectNative(name: string): Promise<Peer | null> {
  const folder = here("../build/bench");
  mkdirSync(folder, { recursive: true });
  const program = `${folder}/${name}`;
  const options = ["-std=c++20", "-O3", "-march=native", "-pthread"];
  const { status } = spawnSync("c++", [...options, here(`native/${name}.cc`), "-o", program], {
    stdio: "inherit",
  });
  return status === 0 ? connect(program, []) : null;
}

/** A JavaScript library: bench/libraries/NAME.mjs. */
export async function connectLibrary(name: string): Promise<Peer | null> {
  return connect(process.execPath, ["--import", "tsx", here("js_peer.mjs"), name]);
}

/** Installs the JavaScript libraries into bench/libraries/node_modules, where they are not there yet. */
export function installLibraries(): void {
  const folder = here("libraries/");
  if (existsSync(`${folder}node_modules`)) return;
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`npm ci in ${folder} failed`);
}
