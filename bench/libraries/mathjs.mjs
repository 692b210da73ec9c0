// math.js, whose matrices are arrays of JavaScript numbers, so of float64.
import { all, create } from "mathjs";
import { sumOfAbsolutes, wave } from "./wave.ts";

const math = create(all);
const matrix = (n, frequency) => math.matrix([...wave(n, frequency)], "dense", "number");
const work = (prepare) => (n) => {
  const run = prepare(matrix(n, 0.7), matrix(n, 1.3), n);
  return { run, result: run };
};
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

export const version = `mathjs ${math.version}`;
export const asynchronous = false;
export const checksum = (value) =>
  sumOfAbsolutes(typeof value === "number" ? [value] : value.valueOf().flat());
export const works = {
  add: work((a, b) => () => math.add(a, b)),
  exp: work((a) => () => math.map(a, Math.exp)),
  tanh: work((a) => () => math.map(a, Math.tanh)),
  chain: work((a, b) => () => {
    const x = math.map(math.add(math.dotMultiply(a, b), a), sigmoid);
    return math.map(math.dotMultiply(x, b), Math.tanh);
  }),
  sum: work((a) => () => math.sum(a)),
  softmax: work((a, _, n) => {
    const columns = Math.min(n / 10, 1000);
    const rows = math.reshape(a, [n / columns, columns]);
    return () => {
      const e = math.map(
        math.subtract(rows, math.reshape(math.max(rows, 1), [n / columns, 1])),
        Math.exp,
      );
      return math.dotDivide(e, math.reshape(math.sum(e, 1), [n / columns, 1]));
    };
  }),
};
