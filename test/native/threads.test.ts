/** The native parts that need no Node, as programs of their own; under the sanitizers that NABLA_SANITIZE names. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
const sanitizers = process.env.NABLA_SANITIZE;
// A compiler is no place for a sanitizer that was meant for Node.
const env = { ...process.env, LD_PRELOAD: "", TSAN_OPTIONS: "die_after_fork=0" };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nabla-native-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(name: string, ...sources: string[]): string {
  const program = join(folder, name);
  const options = "-std=c++20 -O1 -g -Wall -Wextra -Werror -fno-exceptions -pthread".split(" ");
  options.push("-DNABLA_ISA=baseline"); // what kernels are compiled as
  if (sanitizers) options.push(`-fsanitize=${sanitizers.replaceAll(";", ",")}`);
  const files = [`test/native/${name}.cc`, ...sources];
  const compiler = process.env.CXX ?? "c++";
  execFileSync(compiler, [...options, ...files, "-o", program], { cwd: packageRoot, env });
  return program;
}

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: "utf8", env, timeout: 50_000 });

describe.skipIf(process.platform === "win32")("threads", () => {
  it("of the pool share work from many callers, over forks, and sleep when idle", () => {
    expect(run(build("threads", "native/threads.cc", "native/cores.cc"), "500")).toBe("good\n");
  });

  it.runIf(process.platform === "linux")(
    "are as many as the cores that the process may use",
    () => {
      expect(run(build("cores", "native/cores.cc"), folder)).toBe("good\n");
    },
  );
});

describe.skipIf(process.platform === "win32")("matrix products", () => {
  it("call their epilogue on every element once", () => {
    const sources = ["native/gemm/gemm.cc", "native/threads.cc", "native/cores.cc"];
    expect(run(build("gemm", ...sources))).toBe("good\n");
  });
});
