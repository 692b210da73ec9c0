// Finds and loads the compiled addon.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NativeError } from "../core/errors.js";

export interface OpDescription {
  name: string;
  signature: string;
  arity: number;
  /** Bit set over the dtypes, in their order in `dtypes`. */
  types: number;
  code: number;
}

export interface AddonDescription {
  /** Version of the instruction layout (native/abi.h). */
  abi: number;
  /** The instruction set in use, and all that this build holds and this processor has. */
  isa: string;
  isas: string[];
  ops: OpDescription[];
  dtypes: string[];
}

/** The door between TypeScript and native code. */
export interface Addon {
  describe(): AddonDescription;
  /** Makes `words` the memory that `run` reads its program from. */
  attach(words: Float64Array): void;
  /** Makes `buffer` addressable; the result is its handle. */
  register(buffer: ArrayBuffer, exposed: boolean): number;
  release(handle: number): void;
  /** How many threads of the process share large work: from 1 to 1024. */
  threadCount(): number;
  setThreadCount(count: number): void;
  /** Runs the program in the attached words; throws before anything is touched if it is a bad one. */
  run(): void;
}

// src/native/ and dist/native/ are equally deep.
const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Loads the addon of the package at `root`: a local build (build/Release) if there is one, else the prebuilt addon for
 * this platform. The environment variable NABLA_PREBUILD names another folder to look in.
 *
 * @throws NativeError when there is no addon, or it does not load; the message says what was tried and what helps.
 */
export function loadAddon(root: string = packageRoot): Addon {
  let file: string | undefined;
  try {
    file = (require("node-gyp-build") as { path(folder: string): string }).path(root);
    return require(file) as Addon;
  } catch (cause) {
    throw new NativeError(explain(root, file, cause), { cause });
  }
}

function explain(root: string, file: string | undefined, cause: unknown): string {
  const { NABLA_ISA, NABLA_PREBUILD, LIBC } = process.env;
  const folder = resolve(NABLA_PREBUILD || root);
  const prebuilds = join("prebuilds", `${process.platform}-${process.arch}`);
  const reason = cause instanceof Error ? cause.message.trim() : String(cause);
  const lines = [
    file === undefined
      ? "nabla: there is no native addon for this platform"
      : `nabla: the native addon does not load: ${reason}`,
    `  platform: ${process.platform} ${process.arch}, ${libc()}, Node ${process.versions.node}`,
  ];

  if (file === undefined) {
    const places = [
      join(folder, "build", "Release"),
      join(folder, "build", "Debug"),
      join(folder, prebuilds),
      join(dirname(process.execPath), prebuilds),
    ];
    lines.push("  tried:", ...places.map((place) => `    ${place}: ${contents(place)}`));
    const others = entries(join(folder, "prebuilds"));
    if (others.length > 0) lines.push(`  prebuilt for: ${others.join(", ")}`);
  } else {
    lines.push(`  tried: ${file}`);
  }

  lines.push("  what helps:");
  const set = Object.entries({ NABLA_ISA, NABLA_PREBUILD, LIBC }).filter(([, value]) => value);
  for (const [name, value] of set) lines.push(`    unset ${name}, which is ${value}`);
  if (NABLA_ISA) lines.push("    or set NABLA_ISA to v2, v3 or v4 (x64), or to neon (arm64)");
  if (reason.includes("NABLA_NUM_THREADS"))
    lines.push("    unset NABLA_NUM_THREADS, or set it to a whole number from 1 to 1024");
  lines.push(
    "    npm rebuild nabla: compiles it here, with a C++20 compiler and CMake 3.18 or newer on the PATH",
    "    npm install again, without --ignore-scripts, on the machine that runs it: an addon is of one platform",
  );
  return lines.join("\n");
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function contents(folder: string): string {
  const addons = entries(folder).filter((name) => name.endsWith(".node"));
  return addons.length === 0 ? "no addon" : `${addons.join(", ")}, for another platform`;
}

function libc(): string {
  if (process.platform !== "linux") return "the system's C library";
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? "musl" : `glibc ${header.glibcVersionRuntime}`;
}
