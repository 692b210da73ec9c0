/** The README's programs print what the README says. */
import { readFileSync } from "node:fs";
import * as nabla from "nabla";
import { expect, it } from "vitest";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const programs = [...readme.matchAll(/```js\n([\s\S]*?)```\s+```\n([\s\S]*?)```/g)];

it.each(programs.map(([, program, output], i) => [i + 1, program, output] as const))(
  "the README's program %i",
  (_, program, output) => {
    const body = program.replace(/import \{([^}]*)\} from "nabla";/, "const {$1} = nabla;");
    const printed: string[] = [];
    const log = { log: (x: unknown) => printed.push(String(x)) };
    new Function("nabla", "console", body)(nabla, log);
    expect(`${printed.join("\n")}\n`).toBe(output);
  },
);

it("there are three", () => expect(programs).toHaveLength(3));
