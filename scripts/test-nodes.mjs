// Runs the first program, every example and the unit tests on other versions of Node, taken from npm for the occasion:
// node test-nodes.mjs 22.23.3 24.21.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const temporary = mkdtempSync(join(tmpdir(), "nabla-nodes-"));
process.on("exit", () => rmSync(temporary, { recursive: true }));

function run(command, args, env = process.env) {
  console.log(`$ ${[command, ...args].join(" ")}`);
  const { status } = spawnSync(command, args, { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}

const versions = process.argv.slice(2);
for (const version of versions) {
  const folder = join(temporary, version);
  const name = `node-${process.platform}-${process.arch}`;
  run("npm", ["install", "--prefix", folder, "--no-save", `${name}@${version}`]);
  const path = join(folder, "node_modules", name, "bin");
  const env = { ...process.env, PATH: path + delimiter + process.env.PATH };
  run("node", ["--version"], env);
  run("npm", ["start"], env);
  for (const example of readdirSync("examples").filter((file) => file.endsWith(".ts"))) {
    run("node", ["--import", "tsx", join("examples", example)], env);
  }
  run("node", ["node_modules/vitest/vitest.mjs", "run", "--project", "unit"], env);
}
console.log(`good on Node ${versions.join(", ")}`);
