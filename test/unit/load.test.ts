import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NativeError } from "../../src/core/errors.js";
import { loadAddon } from "../../src/native/load.js";

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
const here = `${process.platform}-${process.arch}`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nabla-load-"));
  writeFileSync(join(folder, "package.json"), '{ "name": "nabla" }');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function failure(root: string, prebuild?: string): NativeError {
  vi.stubEnv("NABLA_PREBUILD", prebuild);
  vi.stubEnv("NABLA_ISA", undefined);
  try {
    loadAddon(root);
  } catch (error) {
    expect(error).toBeInstanceOf(NativeError);
    return error as NativeError;
  }
  throw new Error(`an addon was loaded from ${root}`);
}

function put(path: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), "not a shared library");
}

describe("loadAddon", () => {
  it("loads this package's addon", () => {
    expect(loadAddon().describe().ops.length).toBeGreaterThan(0);
    expect(loadAddon(packageRoot)).toBe(loadAddon());
  });

  it("names the platform, the folders tried and the way out when there is no addon", () => {
    const { message, cause } = failure(folder);
    for (const part of [
      "no native addon for this platform",
      `${process.platform} ${process.arch}`,
      process.versions.node,
      `${join(folder, "build", "Release")}: no addon`,
      `${join(folder, "build", "Debug")}: no addon`,
      `${join(folder, "prebuilds", here)}: no addon`,
      "npm rebuild nabla",
      "CMake",
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain("unset");
    expect(cause).toBeInstanceOf(Error);
  });

  it("names the libc", () => {
    if (process.platform !== "linux") return;
    const listed = spawnSync("ldd", ["--version"], {
      encoding: "utf8",
      env: { ...process.env, LD_PRELOAD: "" },
    });
    const version = /(\d+\.\d+)$/m.exec(listed.stdout ?? "")?.[1];
    expect(failure(folder).message).toContain(
      /musl/i.test(listed.stderr ?? "") ? "musl" : `glibc ${version}`,
    );
  });

  it("lists the platforms that are prebuilt", () => {
    put("prebuilds/plan9-mips/nabla.node");
    expect(failure(folder).message).toContain("prebuilt for: plan9-mips");
  });

  it("shows a prebuilt addon that does not fit", () => {
    put(`prebuilds/${here}/nabla.abi1.node`);
    expect(failure(folder).message).toContain("nabla.abi1.node, for another platform");
  });

  it("gives the loader's own words for a file that is no addon", () => {
    put(`prebuilds/${here}/nabla.node`);
    const { message, cause } = failure(folder);
    expect(message).toContain("does not load");
    expect(message).toContain((cause as Error).message.trim());
    expect(message).toContain(`tried: ${join(folder, "prebuilds", here, "nabla.node")}`);
  });

  it("looks where NABLA_PREBUILD says", () => {
    put("build/Release/nabla.node");
    const { message } = failure(packageRoot, folder);
    expect(message).toContain(`unset NABLA_PREBUILD, which is ${folder}`);
    expect(message).toContain(`tried: ${join(folder, "build", "Release", "nabla.node")}`);
  });

  it("explains an instruction set that there is not", () => {
    const program = `
      import { loadAddon } from ${JSON.stringify(new URL("../../src/native/load.ts", import.meta.url).href)};
      try { loadAddon().describe(); } catch (error) { console.log(error.name + ": " + error.message); }`;
    const shown = execFileSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { cwd: packageRoot, encoding: "utf8", env: { ...process.env, NABLA_ISA: "v9" } },
    );
    expect(shown).toContain("NativeError: ");
    expect(shown).toContain("NABLA_ISA=v9");
    expect(shown).toContain("unset NABLA_ISA, which is v9");
    expect(shown).toContain("v2, v3 or v4");
  });
});
