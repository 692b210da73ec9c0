// Formats native/ and test/native/ with the pinned clang-format; with --check only says whether that would change anything.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const files = ["native", join("test", "native")]
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
  .filter((name) => /\.(cc|h)$/.test(name))
  .sort();
const mode = process.argv.includes("--check")
  ? ["--dry-run", "-Werror", "--ferror-limit=1"]
  : ["-i"];
const { clangFormatPath } = createRequire(import.meta.url)("clang-format-node");
const { status } = spawnSync(clangFormatPath, [...mode, ...files], { stdio: "inherit" });
process.exit(status ?? 1);
