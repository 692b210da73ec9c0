/** Runs the examples of the public docstrings: the last line's comment is the value that it must have. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as nabla from "nabla";
import { describe, expect, it } from "vitest";

const source = (path: string): string =>
  fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const files = ["functions", "tensor", "autograd", "symbolic"].flatMap((folder) =>
  readdirSync(source(folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`),
);

interface Example {
  readonly name: string;
  readonly code: string;
  readonly expected: string;
}

/** The examples in a file, each named after what its docstring stands before. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(source(file), "utf8");
  const found: Example[] = [];
  for (const [, comment, after] of text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*([^\n]*)/g)) {
    const declared = /(?:function\*?|const|get|class)\s+(\w+)|^\s*(\w+)\s*[(<]/.exec(after);
    const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
    for (const block of lines.join("\n").split("@example").slice(1)) {
      const body = block.split(/\n@/)[0].trim();
      const at = body.lastIndexOf("\n", body.search(/[^\n]*\/\/[^\n]*(\n\s*\/\/[^\n]*)*$/));
      const last = body.slice(at + 1);
      const [code, ...expected] = last.split(/\n?[ \t]*\/\/ ?/);
      found.push({
        name: declared?.[1] ?? declared?.[2] ?? after.trim(),
        code: `${body.slice(0, at + 1)}\nreturn (${code.trim().replace(/;$/, "")});`,
        expected: expected.join("\n").trim(),
      });
    }
  }
  return found;
}

function run(code: string): unknown {
  const names = Object.entries(nabla).filter(([name]) => name !== "var"); // no name for a variable
  return new Function(...names.map(([name]) => name), code)(...names.map(([, value]) => value));
}

const examples = files.flatMap((file) => examplesOf(file).map((example) => ({ ...example, file })));

describe("examples in docstrings", () => {
  it("are found", () => expect(examples.length).toBeGreaterThan(120));

  it.each(examples)("$file $name", ({ code, expected }) => {
    const value = run(code);
    expect(expected).not.toBe("");
    if (value instanceof nabla.Tensor) expect(String(value)).toBe(expected);
    else expect(value).toEqual(run(`return (${expected});`));
  });
});
