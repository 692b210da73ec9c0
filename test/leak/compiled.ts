/** The package compiled to JavaScript, for processes and threads that should hold nothing but it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Compiled {
  /** Of index.js. */
  url: string;
  remove(): void;
}

/** As deep in the package as dist, so that it finds the addon. */
export function compile(): Compiled {
  const folder = mkdtempSync(join(root, "build-test-"));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = [
    "--noCheck",
    "--declaration",
    "false",
    "--sourceMap",
    "false",
    "--declarationMap",
    "false",
  ];
  execFileSync(
    process.execPath,
    [tsc, "-p", join(root, "tsconfig.json"), "--outDir", folder, ...options],
    {
      // The compiler is no subject of the sanitizers.
      env: { ...process.env, LD_PRELOAD: "" },
      stdio: "inherit",
    },
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return {
    url: pathToFileURL(join(folder, "index.js")).href,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
