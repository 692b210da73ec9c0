import { NablaError } from "../core/errors.js";

/** An expression that a function cannot treat. */
export class UnsupportedError extends NablaError {}

/** Text that is no expression. The message shows the line with a caret under the place. */
export class ParseError extends NablaError {
  /** Where in the text, counted from 0. */
  readonly position: number;

  constructor(message: string, text: string, position: number) {
    const start = text.lastIndexOf("\n", position - 1) + 1;
    const end = text.indexOf("\n", position);
    const line = text.slice(start, end < 0 ? undefined : end);
    // Of a long line, what is around the place.
    const from = Math.max(0, position - start - 40);
    super(
      `${message}\n  ${line.slice(from, from + 80)}\n  ${" ".repeat(position - start - from)}^`,
    );
    this.position = position;
  }
}
