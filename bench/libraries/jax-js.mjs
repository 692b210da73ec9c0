// jax-js with its WebAssembly backend; each work is compiled as a whole. Results are waited for and disposed.
import { readFileSync } from "node:fs";
import { defaultDevice, init, jit, nn, numpy as np } from "@jax-js/jax";
import { sumOfAbsolutes, wave } from "./wave.ts";

const folder = new URL("./node_modules/@jax-js/jax/", import.meta.url);
const { version: release } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
await init("wasm");
defaultDevice("wasm");

/** An operation takes its operands over; `ref` keeps them. */
const work = (fn, shape) => (n) => {
  const [a, b] = [0.7, 1.3].map((f) => np.array(wave(n, f)).reshape(shape?.(n) ?? [n]));
  const compiled = jit(fn);
  const result = async () => {
    const value = fn.length === 2 ? compiled(a.ref, b.ref) : compiled(a.ref);
    return value.blockUntilReady();
  };
  return { result, run: async () => (await result()).dispose() };
};

export const version = `jax-js ${release}`;
export const asynchronous = true;
export const checksum = (value) => sumOfAbsolutes(value.dataSync());
export const works = {
  add: work((a, b) => np.add(a, b)),
  exp: work((a) => np.exp(a)),
  tanh: work((a) => np.tanh(a)),
  chain: work((a, b) => np.tanh(nn.sigmoid(a.ref.mul(b.ref).add(a)).mul(b))),
  sum: work((a) => np.sum(a)),
  softmax: work(
    (a) => nn.softmax(a, 1),
    (n) => [-1, Math.min(n / 10, 1000)],
  ),
};
