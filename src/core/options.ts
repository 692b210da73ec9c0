import { ArgumentError } from "./errors.js";

/** Whether x is an options object, and neither data nor a tensor. */
export function isOptions(x: unknown): x is object {
  if (typeof x !== "object" || x === null) return false;
  const prototype = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}

/** Throws where options are no object, or have a name that the function does not know: a slip would be ignored else. */
export function checkOptions(options: unknown, names: readonly string[], where: string): void {
  if (options === undefined) return;
  if (!isOptions(options)) {
    throw new ArgumentError(
      `${where}: expected options { ${names.join(", ")} }, got ${typeof options}`,
    );
  }
  for (const name in options) {
    if (!names.includes(name)) {
      throw new ArgumentError(`${where}: no option "${name}"; there are ${names.join(", ")}`);
    }
  }
}
