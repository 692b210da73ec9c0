// One way to use a lot of memory, in a process of its own: node child.mjs <url of index.js> <way> <amount>
// Prints what was used as one line of JSON.
import { Worker } from "node:worker_threads";

const [, , url, way, amountText] = process.argv;
const amount = Number(amountText);
const nabla = await import(url);
const { rawAddon } = await import(new URL("native/door.js", url));

let state = 12345;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const rss = () => process.memoryUsage().rss / 2 ** 20;

/** Where the table of slots has its first free place, and so about how long it is. */
function slotIndex() {
  const handle = rawAddon.register(new ArrayBuffer(8), false);
  rawAddon.release(handle);
  return handle % 2 ** 22;
}

const ways = {
  /** `amount` GB of tensors from 16 bytes to 16 MB, made and dropped without a turn of the event loop. */
  churn() {
    let bytes = 0;
    let kept = nabla.zeros(4);
    let highest = 0;
    for (let i = 0; bytes < amount * 1e9; i++) {
      const numel = Math.round(4 * 2 ** (20 * random()));
      const x = nabla.ones(numel); // written to, or it would not be resident
      bytes += 4 * numel;
      const kind = i % 4;
      if (kind === 1) {
        kept = x.add(1);
        bytes += 4 * numel;
      } else if (kind === 2) {
        kept = x.slice(0, 1, null, 2).unsqueeze(0).expand(2, -1).transpose(0, 1);
      } else if (kind === 3 && numel <= 2 ** 18) {
        const leaf = nabla.ones(numel).requiresGrad_();
        leaf.mul(x).add(1).sum().backward();
        kept = leaf.grad;
        bytes += 16 * numel;
      }
      if (i % 1000 === 0) highest = Math.max(highest, slotIndex());
    }
    return { bytes, kept: kept.numel(), slots: highest };
  },

  /** A running sum of a million elements. */
  chain() {
    const big = nabla.ones(2 ** 20);
    let s = nabla.zeros(2 ** 20);
    for (let i = 0; i < amount; i++) s = s.add(big);
    if (s.data[5] !== amount) throw new Error(`the sum is ${s.data[5]}`);
    return { slots: slotIndex() };
  },

  /** Small tensors: a slot for each slab only. */
  small() {
    let x = nabla.ones(100);
    for (let i = 0; i < amount; i++) x = x.mul(1);
    return { value: x.data[3], slots: slotIndex() };
  },

  errors() {
    const wrong = [
      () => nabla.zeros(100, 100).matmul(nabla.zeros(7, 100)),
      () => nabla.zeros(5000).item(),
      () => nabla.ones(5000, { dtype: "int32" }).floorDivide(0n),
      () => nabla.tensor([new Array(2000).fill(1), [1]]),
      () => nabla.zeros(5000).requiresGrad_().mul(2).backward(),
      () => nabla.zeros(3000).expand(4, -1).add_(1),
      () => nabla.zeros(2 ** 45),
    ];
    let before = 0;
    let threw = 0;
    for (let i = 0; i < amount; i++) {
      if (i === amount >> 2) before = rss();
      try {
        wrong[i % wrong.length]();
      } catch {
        threw++;
      }
    }
    if (threw !== amount) throw new Error(`${threw} of ${amount} threw`);
    return { growth: rss() - before, slots: slotIndex() };
  },

  training() {
    const x = nabla.randn(256, 64);
    const y = nabla.randn(256, 1);
    const w = nabla.zeros(64, 1, { requiresGrad: true });
    let before = 0;
    for (let i = 0; i < amount; i++) {
      if (i === amount >> 2) before = rss();
      const loss = x.matmul(w).sub(y).square().mean();
      loss.backward();
      nabla.noGrad(() => {
        w.sub_(w.grad.mul(0.01));
        w.grad.zero_();
      });
    }
    if (!Number.isFinite(w.sum().item())) throw new Error("it diverged");
    return { growth: rss() - before, slots: slotIndex() };
  },

  /** Threads that use the package and end, one after another. */
  async threads() {
    const code = `
      const { parentPort } = require("node:worker_threads");
      import(${JSON.stringify(url)}).then(({ ones }) => {
        const x = ones(50000).requiresGrad_();
        x.mul(3).sum().backward();
        parentPort.postMessage(x.grad.sum().item());
      });`;
    let before = 0;
    for (let i = 0; i < amount; i++) {
      if (i === amount >> 2) before = rss();
      const worker = new Worker(code, { eval: true });
      const [value, exit] = await new Promise((done, fail) => {
        let got;
        worker.on("message", (message) => {
          got = message;
        });
        worker.on("error", fail);
        worker.on("exit", (status) => done([got, status]));
      });
      if (value !== 150000 || exit !== 0)
        throw new Error(`thread ${i} gave ${value}, ended with ${exit}`);
    }
    return { growth: rss() - before };
  },
};

const used = await ways[way]();
console.log(JSON.stringify({ ...used, peak: process.resourceUsage().maxRSS / 1024 }));
