// What the linked addon and its objects may contain, which no test of behaviour would show (Linux, with binutils):
//
// - An object compiled for one instruction set holds no weak or unique symbol. The linker keeps one copy of such a
//   symbol for everyone, and a copy with AVX-512 in it would end the process on a lesser processor.
// - The addon asks for no newer C or C++ library than Node 20 itself does, and for none but those.
// - It exports what Node looks up, and nothing else.
// - It is never unloaded, for its threads.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FLOOR = { GLIBC: "2.28", GLIBCXX: "3.4.21", CXXABI: "1.3.9" };
const LIBRARIES = /^(libc|libm|libpthread|libstdc\+\+|ld-linux-[\w-]+|libc\.musl-\w+)\.so/;
const EXPORTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];

if (process.platform !== "linux") {
  console.log("the native symbols are checked on Linux only");
  process.exit(0);
}

const addon = process.argv[2] ?? "build/Release/nabla.node";
const lines = (command, ...args) =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 })
    .split("\n")
    .filter(Boolean);
const problems = [];

// The list of what is compiled now: the folder may still hold objects of sources that are gone.
const commands = existsSync("build/compile_commands.json")
  ? JSON.parse(readFileSync("build/compile_commands.json", "utf8"))
  : [];
const kernels = commands
  .map(({ command }) => / -o (\S*kernels_\S+\.o) /.exec(command)?.[1])
  .filter((name) => name !== undefined)
  .sort();
for (const name of kernels) {
  for (const line of lines("nm", "-C", join("build", name))) {
    if (/ [WVu] /.test(line)) problems.push(`${name}: shared symbol ${line.trim()}`);
  }
}

const numbers = (version) => version.split(".").map(Number);
const newer = (a, b) => {
  const difference = numbers(a).map((part, i) => part - (numbers(b)[i] ?? 0));
  return (difference.find((part) => part !== 0) ?? 0) > 0;
};
for (const line of lines("objdump", "-T", addon)) {
  const [, library, version, symbol] = /\((\w+?)_([\d.]+)\)\s+(\S+)$/.exec(line) ?? [];
  if (library in FLOOR && newer(version, FLOOR[library])) {
    problems.push(`${symbol} needs ${library}_${version}, above ${library}_${FLOOR[library]}`);
  }
}
const headers = lines("objdump", "-p", addon);
const flags = Number(headers.map((line) => /FLAGS_1\s+(\S+)/.exec(line)?.[1]).find(Boolean) ?? 0);
if ((flags & 8) === 0) problems.push("the addon is not linked with -z nodelete"); // DF_1_NODELETE
for (const line of headers) {
  const library = /NEEDED\s+(\S+)/.exec(line)?.[1];
  if (library !== undefined && !LIBRARIES.test(library))
    problems.push(`the addon needs ${library}`);
}
for (const line of lines("nm", "-D", "--defined-only", addon)) {
  const symbol = line.split(" ").pop();
  if (!EXPORTS.includes(symbol)) problems.push(`the addon exports ${symbol}`);
}

for (const problem of problems) console.error(problem);
console.log(
  `${addon} and ${kernels.length} kernel objects: ${problems.length} problems with symbols`,
);
process.exit(problems.length === 0 ? 0 : 1);
