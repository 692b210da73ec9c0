/** The README's first program prints what the README says. */
import { readFileSync } from "node:fs";
import * as nabla from "nabla";
import { expect, it } from "vitest";

it("the README's first program", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, program, output] = /```js\n([\s\S]*?)```\s+```\n([\s\S]*?)```/.exec(readme) ?? [];
  const body = program.replace(/import \{([^}]*)\} from "nabla";/, "const {$1} = nabla;");
  const printed: string[] = [];
  const log = { log: (x: unknown) => printed.push(String(x)) };
  new Function("nabla", "console", body)(nabla, log);
  expect(`${printed.join("\n")}\n`).toBe(output);
});
