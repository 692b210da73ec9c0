/** nabla beside other JavaScript libraries: whole results, one thread, each library in a process of its own. */
import type { Tensor } from "nabla";
import { add, exp, softmax, sum, tanh, tensor } from "nabla";
import type { Case, Suite } from "./case.js";
import { showCount } from "./case.js";
import { wave } from "./libraries/wave.js";
import { connectLibrary, installLibraries } from "./peer.js";

const libraries = ["tfjs-wasm", "tfjs-cpu", "numpy-ts", "jax-js", "mathjs"];

const works: Record<string, (a: Tensor, b: Tensor) => () => Tensor> = {
  add: (a, b) => () => add(a, b),
  exp: (a) => () => exp(a),
  tanh: (a) => () => tanh(a),
  "chain ((a*b+a).sigmoid()*b).tanh()": (a, b) => () => a.mul(b).add(a).sigmoid().mul(b).tanh(),
  sum: (a) => () => sum(a),
  softmax: (a) => {
    const rows = a.view(-1, Math.min(a.numel() / 10, 1000));
    return () => softmax(rows, 1);
  },
};

function* cases(): Generator<Case> {
  for (const [work, prepare] of Object.entries(works)) {
    for (const n of [1e3, 1e6]) {
      for (const peer of libraries) {
        yield {
          work,
          dtype: "float32",
          size: showCount(n),
          n,
          threads: 1,
          prepare: () => prepare(tensor(wave(n, 0.7)), tensor(wave(n, 1.3))),
          peer,
          question: { work: work.split(" ")[0], n },
        };
      }
    }
  }
}

export const peers = (): Suite => {
  installLibraries();
  return {
    cases: [...cases()],
    connect: Object.fromEntries(libraries.map((name) => [name, () => connectLibrary(name)])),
  };
};
