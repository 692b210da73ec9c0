// ONNX Runtime on the CPU. A model of one product is written here as ONNX's protocol buffers have it
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
import { createRequire } from "node:module";
import ort from "onnxruntime-node";
import { sumOfAbsolutes, wave } from "./wave.ts";

const { version: release } = createRequire(import.meta.url)("onnxruntime-node/package.json");

const varint = (value) => {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
};
const number = (field, value) => [...varint(field * 8), ...varint(value)];
const nested = (field, ...parts) => {
  const body = parts.flat();
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
};
const text = (field, value) => nested(field, [...new TextEncoder().encode(value)]);

/** float c[m, n] = a[m, k] @ b[k, n] */
function product(m, k, n) {
  const value = (field, name, sizes) => {
    const shape = nested(2, ...sizes.map((size) => nested(1, number(1, size))));
    return nested(field, text(1, name), nested(2, nested(1, number(1, 1), shape)));
  };
  const node = nested(1, text(1, "a"), text(1, "b"), text(2, "c"), text(4, "MatMul"));
  const values = [value(11, "a", [m, k]), value(11, "b", [k, n]), value(12, "c", [m, n])];
  const graph = nested(7, node, text(2, "product"), ...values);
  return Uint8Array.from([...number(1, 8), ...graph, ...nested(8, number(2, 13))]);
}

/** Sessions are made in the background: the first call waits for its own. */
function matmul(n) {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = ort.InferenceSession.create(product(n, n, n), options);
  const feeds = Object.fromEntries(
    [0.7, 1.3].map((frequency, i) => [
      "ab"[i],
      new ort.Tensor("float32", wave(n * n, frequency), [n, n]),
    ]),
  );
  let ready = null;
  const run = () => ready.run(feeds);
  const result = async () => {
    ready = await session;
    return run();
  };
  return { run, result };
}

export const version = `onnxruntime ${release}`;
export const asynchronous = true;
export const checksum = ({ c }) => sumOfAbsolutes(c.data);
export const works = { matmul };
