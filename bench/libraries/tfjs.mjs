// TensorFlow.js, with one backend or the other. Its tensors are not garbage collected: each call disposes its result.
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { sumOfAbsolutes, wave } from "./wave.ts";

const { version: release } = createRequire(import.meta.url)("@tensorflow/tfjs-core/package.json");

/** @param {string} backend */
export async function withBackend(backend) {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no backend ${backend}`);
  const work = (prepare) => (n) => {
    const result = prepare(tf.tensor1d(wave(n, 0.7)), tf.tensor1d(wave(n, 1.3)), n);
    return { result, run: () => result().dispose() };
  };
  return {
    version: `tfjs-${backend} ${release}`,
    asynchronous: false,
    checksum: (value) => sumOfAbsolutes(value.dataSync()),
    works: {
      add: work((a, b) => () => tf.add(a, b)),
      exp: work((a) => () => tf.exp(a)),
      tanh: work((a) => () => tf.tanh(a)),
      chain: work((a, b) => {
        const chain = () => tf.tanh(tf.mul(tf.sigmoid(tf.add(tf.mul(a, b), a)), b));
        return () => tf.tidy(chain);
      }),
      sum: work((a) => () => tf.sum(a)),
      softmax: work((a, _, n) => {
        const rows = tf.reshape(a, [-1, Math.min(n / 10, 1000)]);
        return () => tf.softmax(rows, 1);
      }),
    },
  };
}
