import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const examples = new URL("examples/", root);

/** What an example writes to standard output, run as a user runs it but on src/ instead of dist/. */
async function run(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL(`${name}.ts`, examples))],
    {
      cwd: fileURLToPath(root),
      env: {
        ...process.env,
        TSX_TSCONFIG_PATH: fileURLToPath(new URL("tsconfig.check.json", root)),
      },
    },
  );
  return stdout;
}

const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

interface Cell {
  label: string;
  section: string;
  /** What the cell printed. */
  printed: string;
  /** The notation of its last expression's value. */
  value: string | null;
}

interface Notebook {
  source: { title: string; link: string | null };
  cells: Cell[];
}

/** A notebook's result as nabla prints it. */
function expected({ printed, value }: Cell): string {
  if (value === null) return printed;
  const sum = /^<tf\.Tensor: .*array\((.*)\)>$/.exec(value);
  const shown = sum === null ? value : `tensor(${sum[1]})`;
  return `${printed}${shown.replaceAll("dtype=torch.", "dtype=")}\n`;
}

/** The cells of a script: what its lines between two markers are. */
function codeOf(name: string): { label: string; title: string; code: string }[] {
  const parts = read(`examples/${name}.ts`).split(/^cell\("(.*?)", "(.*)"\);\n/m);
  const cells = [];
  for (let i = 1; i < parts.length; i += 3) {
    if (parts[i] === undefined) continue;
    const lines = parts[i + 2].trim().split("\n");
    const code = lines.map((line) => (line === "" ? "" : `    ${line}`)).join("\n");
    cells.push({ label: parts[i], title: parts[i + 1], code });
  }
  return cells;
}

const notebooks = ["fundamental-math", "automatic-differentiation"];

describe.each(notebooks)("%s", (name) => {
  const { source, cells }: Notebook = JSON.parse(read(`test/fixtures/${name}.json`));
  const code = codeOf(name);
  // The text up to the first heading, then heading and rest by turns.
  let stdout: string;
  let shown: string[];
  beforeAll(async () => {
    stdout = await run(name);
    shown = stdout.split(/(?=^In \[)/m);
  });

  it("is the notebook that it says it is", () => {
    const start = read(`examples/${name}.ts`).split("\nimport")[0];
    expect(start).toContain(source.title);
    if (source.link !== null) expect(start).toContain(source.link);
  });

  it("shows every cell of the notebook, in order, and no other", () => {
    const labels = cells.map(({ label }) => label);
    expect(shown.map((text) => text.split(":")[0])).toEqual(labels);
    expect(code.map(({ label }) => label)).toEqual(labels);
  });

  it.each(cells.map((cell, i) => ({ ...cell, i })))("$label: $section", ({ i, ...cell }) => {
    const { title, code: lines } = code[i];
    expect(title === cell.section || title.startsWith(`${cell.section}: `)).toBe(true);
    const last = i === cells.length - 1;
    const start = `${cell.label}: ${title}\n\n${lines}\n\n`;
    const end = last ? "" : "\n"; // the line before the next heading
    if (name === "fundamental-math" && cell.label === "In [24]") {
      // The last product's rounding is nabla's own.
      expect(shown[i].startsWith(start + cell.printed)).toBe(true);
      const rest = shown[i].slice(start.length + cell.printed.length);
      const [, product] =
        /^tensor\((\[\[[^()]*\]\])\)\n\(its rounding residue is nabla's own; the identity to 1e-5: true\)\n\n$/.exec(
          rest,
        ) ?? [];
      const numbers: number[][] = JSON.parse(product.replace(/\.(?!\d)/g, ""));
      const identity = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ];
      expect(numbers.map((row) => row.length)).toEqual([3, 3, 3]);
      for (const [r, row] of numbers.entries()) {
        for (const [c, x] of row.entries()) expect(Math.abs(x - identity[r][c])).toBeLessThan(1e-5);
      }
      return;
    }
    expect(shown[i]).toBe(start + expected(cell) + end);
  });
});

describe("penguins", () => {
  let stdout: string;
  beforeAll(async () => {
    stdout = await run("penguins");
  });
  const rows: Record<string, unknown>[] = JSON.parse(read("examples/data/penguins.json"));
  const used = [
    "Species",
    "Beak Length (mm)",
    "Beak Depth (mm)",
    "Flipper Length (mm)",
    "Body Mass (g)",
  ];
  const complete = rows.filter((row) => used.every((name) => row[name] != null)).length;
  const sections = (): string[] => stdout.split("\n\n");
  const models = ["Softmax regression", "Two layers, 16 hidden units"];

  it("drops the rows that lack what it uses", () => {
    const dropped = rows.length - complete;
    expect([rows.length, dropped]).toEqual([344, 2]);
    expect(stdout.split("\n")[0]).toBe(`${rows.length} penguins, ${dropped} dropped as incomplete`);
  });

  describe.each(models.map((title, i) => ({ title, i })))("$title", ({ title, i }) => {
    it("has a loss that falls", () => {
      const section = sections()[1 + i];
      expect(section.split("\n")[0]).toBe(title);
      const losses = [...section.matchAll(/step +(\d+) {2}loss (\S+)$/gm)].map(([, , x]) =>
        Number(x),
      );
      expect(losses).toHaveLength(6);
      for (const [k, loss] of losses.slice(1).entries()) expect(loss).toBeLessThan(losses[k]);
      expect(losses[5]).toBeLessThan(0.1 * losses[0]);
    });

    it("gets at least 97 % of the test set right, by its confusion matrix and by its own word", () => {
      const matrix = [...sections()[1 + i].matchAll(/^ {2}(\w+) +(\d+) +(\d+) +(\d+)$/gm)];
      expect(matrix.map(([, name]) => name)).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
      const counts = matrix.map(([, , ...row]) => row.map(Number));
      const total = counts.flat().reduce((a, b) => a + b);
      const right = counts.reduce((sum, row, k) => sum + row[k], 0);
      expect(stdout.split("\n")[1]).toBe(`${complete - total} to learn from, ${total} to test on`);
      expect(total).toBe(complete - Math.round(0.7 * complete));
      expect(right / total).toBeGreaterThanOrEqual(0.97);
      const said = sections()[3].split("\n")[i];
      expect(said).toMatch(/^Test accuracy of /);
      expect(said.split(": ")[1]).toBe(`${((100 * right) / total).toFixed(1)} %`);
    });
  });
});

describe("gradient-field", () => {
  let lines: string[];
  beforeAll(async () => {
    lines = (await run("gradient-field")).split("\n");
  });
  const shares = (pattern: RegExp): number[] =>
    lines.filter((line) => pattern.test(line)).map((line) => Number(/([\d.]+) %/.exec(line)?.[1]));

  it("derives the gradient and the Hessian", () => {
    expect(lines.slice(1, 3)).toEqual([
      "gradient = [4*x*(x**2 + y - 11) + 2*x + 2*y**2 - 14, 2*x**2 + 4*y*(x + y**2 - 7) + 2*y - 22]",
      "Hessian = [[12*x**2 + 4*y - 42, 4*x + 4*y], [4*x + 4*y, 4*x + 12*y**2 - 26]]",
    ]);
  });

  it("evaluates them over the grid", () => {
    const f = (x: number, y: number): number => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2;
    expect(lines).toContain(`grid: 1000 × 1000, f from 0.0004 to ${f(5, 5)}`);
    const kinds = shares(/^(convex|concave|saddle)/);
    expect(kinds).toHaveLength(3);
    expect(kinds.reduce((a, b) => a + b)).toBeCloseTo(100, 0);
  });

  it("comes to rest at each of the nine points where the gradient vanishes", () => {
    const found = shares(/^Newton's/);
    expect(found).toHaveLength(9);
    for (const share of found) expect(share).toBeGreaterThan(1);
    expect(Math.abs(found.reduce((a, b) => a + b) - 100)).toBeLessThan(0.5);
  });
});

it("leaves no example out", () => {
  const scripts = readdirSync(examples).filter((file) => file.endsWith(".ts"));
  const tested = [...notebooks, "gradient-field", "penguins"].map((name) => `${name}.ts`);
  expect(scripts.sort()).toEqual(tested.sort());
  for (const script of scripts) expect(read("examples/README.md")).toContain(script);
});
