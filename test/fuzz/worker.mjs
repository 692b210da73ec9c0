// A thread that computes until it is stopped, and says what goes wrong. workerData: the URL of index.js, seed, rounds.
import { parentPort, workerData } from "node:worker_threads";

const { url, seed, rounds } = workerData;
const nabla = await import(url);

for (let round = 0; rounds === 0 || round < rounds; round++) {
  const n = 1 + ((seed * 7919 + round * 104729) % 5000);
  const x = nabla.full([n], 2, { requiresGrad: true });
  const loss = x.square().mul(0.5).sum();
  loss.backward();
  const a = nabla.ones(1 + (n % 40), 30);
  const product = a.matmul(a.mT).sum().item();
  const rows = 1 + (n % 40);
  const buffer = x.grad.add(1).data;
  if (loss.item() !== 2 * n || buffer[n - 1] !== 3 || product !== 30 * rows * rows) {
    throw new Error(`round ${round}: ${loss.item()} ${buffer[n - 1]} ${product} of ${n}`);
  }
  // The buffer leaves while tensors over it live on.
  if (round % 10 === 0) parentPort.postMessage(buffer, [buffer.buffer]);
}
