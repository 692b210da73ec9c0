import * as np from "numpy-ts";
import { sumOfAbsolutes, wave } from "./wave.ts";

const work = (prepare) => (n) => {
  const run = prepare(np.array(wave(n, 0.7)), np.array(wave(n, 1.3)), n);
  return { run, result: run };
};

export const version = `numpy-ts ${np.__version__}`;
export const asynchronous = false;
export const checksum = (value) => sumOfAbsolutes(typeof value === "number" ? [value] : value.data);

// There is no sigmoid and no softmax: both are written out.
export const works = {
  add: work((a, b) => () => np.add(a, b)),
  exp: work((a) => () => np.exp(a)),
  tanh: work((a) => () => np.tanh(a)),
  chain: work((a, b) => () => {
    const x = np.add(np.multiply(a, b), a);
    const sigmoid = np.reciprocal(np.add(np.exp(np.negative(x)), 1));
    return np.tanh(np.multiply(sigmoid, b));
  }),
  sum: work((a) => () => np.sum(a)),
  softmax: work((a, _, n) => {
    const rows = np.reshape(a, [-1, Math.min(n / 10, 1000)]);
    return () => {
      const e = np.exp(np.subtract(rows, np.amax(rows, 1, true)));
      return np.divide(e, np.sum(e, 1, true));
    };
  }),
};
