import { readFileSync } from "node:fs";

export interface Notebook {
  /** Starts a cell: shows its title and its code, which is all up to the next cell. */
  cell(label: string, title: string): void;
}

const isMarker = (line: string): boolean => line.startsWith("cell(");

/**
 * Shows a script cell by cell, as a notebook does: title, code, and then what the code prints.
 *
 * The code shown is read from the running script's own file, so it cannot differ from what runs.
 *
 * @param url The script's `import.meta.url`.
 */
export function notebook(url: string): Notebook {
  const lines = readFileSync(new URL(url), "utf8")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("//# sourceMappingURL=")); // where the script was compiled
  let first = true;

  const heading = (text: string): void => {
    console.log(first ? text : `\n${text}`);
    first = false;
  };

  const codeOf = (label: string): string[] => {
    const start = lines.findIndex((line) => line.startsWith(`cell(${JSON.stringify(label)},`)) + 1;
    if (start === 0) throw new Error(`no line of ${url} starts the cell ${label}`);
    const length = lines.slice(start).findIndex(isMarker);
    const code = lines.slice(start, length < 0 ? undefined : start + length);
    return code.join("\n").trim().split("\n");
  };

  return {
    cell(label, title) {
      heading(`${label}: ${title}\n`);
      for (const line of codeOf(label)) console.log(line === "" ? "" : `    ${line}`);
      console.log();
    },
  };
}
