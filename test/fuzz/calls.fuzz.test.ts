// Public functions under calls drawn at random, garbage collections at bad moments, and threads that end in the middle.
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BufferError, frombuffer, ones, tensor, zeros } from "../../src/index.ts";
import type { Compiled } from "../leak/compiled.ts";
import { compile } from "../leak/compiled.ts";
import { anyCalls, rightCalls } from "./calls.ts";

const count = Number(process.env.NABLA_FUZZ_COUNT ?? 100_000);
const seed = Number(process.env.NABLA_FUZZ_SEED ?? Date.now() % 2 ** 31);

it(`${count} right calls give what a plain model gives, seed ${seed}`, () => {
  expect(rightCalls(seed, count)).toEqual([]);
});

it(`${count} calls of any kind return sound tensors or throw the right errors, seed ${seed}`, () => {
  const { tally, complaints } = anyCalls(seed, count);
  console.log(JSON.stringify({ seed, ...tally }));
  expect(complaints).toEqual([]);
  expect(tally.returned).toBeGreaterThan(count / 6);
});

describe("a buffer that goes away", () => {
  const take = (buffer: ArrayBufferLike): void => {
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  };

  it("makes every tensor over it throw", () => {
    const x = ones(40, 50);
    const view = x.slice(0, 1, 3).mT;
    take(x.data.buffer);
    for (const use of [
      () => x.add(1),
      () => view.sum(),
      () => view.toArray(),
      () => x.item(),
      () => x.add_(1),
      () => x.matmul(view),
      () => String(x),
      () => zeros(40, 50).copy_(x),
    ]) {
      expect(use).toThrow();
    }
    expect(() => view.add(1)).toThrow(BufferError);
    expect(ones(3).add(1).toArray()).toEqual([2, 2, 2]);
  });

  it("leaves the neighbours in its slab alone", () => {
    const [x, y] = [tensor([1, 2, 3]), tensor([4, 5, 6])];
    take(x.data.buffer);
    expect(() => x.add(1)).toThrow(BufferError);
    expect(y.add(1).toArray()).toEqual([5, 6, 7]);
  });

  it("is refused where it could shrink", () => {
    interface Resizable {
      new (length: number, options: { maxByteLength: number }): ArrayBuffer;
    }
    const buffer = new (ArrayBuffer as unknown as Resizable)(64, { maxByteLength: 128 });
    expect(() => frombuffer(buffer)).toThrow(BufferError);
    expect(() => frombuffer(new Float32Array(buffer))).toThrow(BufferError);
    expect(() => frombuffer(new SharedArrayBuffer(64) as unknown as ArrayBuffer)).toThrow(
      BufferError,
    );
  });

  it("is noticed when WebAssembly grows it", () => {
    const { Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyMemory }).WebAssembly;
    const memory = new Memory({ initial: 1 });
    const x = frombuffer(new Float32Array(memory.buffer as ArrayBuffer, 0, 4));
    memory.grow(1);
    expect(() => x.add(1)).toThrow(BufferError);
  });
});

interface WebAssemblyMemory {
  Memory: new (options: {
    initial: number;
  }) => { buffer: ArrayBufferLike; grow(pages: number): void };
}

it("survives running out of stack at every depth", () => {
  const x = zeros(3000);
  const small = tensor([1, 2]);
  let added = 0;
  let left = 0;
  const dive = (): void => {
    try {
      dive();
    } catch {
      left = 400;
    }
    if (left-- <= 0) return;
    try {
      x.add_(1);
      added++;
    } catch {
      // No stack left for it; then it must not have happened, nor happen later.
    }
    try {
      small.mul(small).sum();
    } catch {}
  };
  dive();
  expect(added).toBeGreaterThan(0);
  expect(tensor([1, 2]).add(1).toArray()).toEqual([2, 3]);
  expect(x.sum().item()).toBe(3000 * added);
});

describe("threads", () => {
  let compiled: Compiled;
  beforeAll(() => {
    compiled = compile();
  });
  afterAll(() => compiled?.remove());

  const worker = new URL("worker.mjs", import.meta.url);
  const start = (number: number, rounds: number): [Worker, Promise<unknown>] => {
    const thread = new Worker(worker, {
      workerData: { url: compiled.url, seed: seed + number, rounds },
    });
    const end = new Promise((done) => {
      thread.on("error", done);
      thread.on("exit", done);
    });
    return [thread, end];
  };

  it("compute side by side", async () => {
    const ends = Array.from({ length: 4 }, (_, i) => start(i, 300)[1]);
    for (let i = 0; i < 300; i++)
      expect(
        ones(i + 1)
          .add(1)
          .sum()
          .item(),
      ).toBe(2 * (i + 1));
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
  });

  it("end in the middle of computing", async () => {
    for (let round = 0; round < 15; round++) {
      const threads = Array.from({ length: 3 }, (_, i) => start(100 * round + i, 0));
      await new Promise((done) => setTimeout(done, 20 + ((seed + round * 37) % 150)));
      for (let i = 0; i < 50; i++) expect(ones(50).mul(2).sum().item()).toBe(100);
      const ended = await Promise.all(
        threads.map(async ([thread, end]) => {
          await thread.terminate();
          return end;
        }),
      );
      // An exit code, not an error.
      for (const code of ended) expect([0, 1]).toContain(code);
    }
  });
});
