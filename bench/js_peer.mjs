// Times a JavaScript library for bench/peer.ts: one line of JSON in, one out.
import { createInterface } from "node:readline";

const { version, works, checksum, asynchronous } = await import(
  `./libraries/${process.argv[2]}.mjs`
);

/** Where the library computes later, each call is waited for. */
async function repeat(run, calls) {
  if (asynchronous) for (let i = 0; i < calls; i++) await run();
  else for (let i = 0; i < calls; i++) run();
}

async function timed(run, calls) {
  await repeat(run, Math.floor(calls / 10));
  const start = process.hrtime.bigint();
  await repeat(run, calls);
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}

/** Warms up as bench/measure.ts does. */
async function prepare({ work, n, seconds: wanted }) {
  const { run, result } = works[work](n);
  const sum = checksum(await result());
  const start = performance.now();
  for (let calls = 1; ; ) {
    const seconds = (await timed(run, calls)) * calls;
    if (seconds < wanted / 2) calls *= 2;
    else if (performance.now() - start > 50) {
      const fill = Math.max(1, Math.round((calls * wanted) / seconds));
      return [run, { calls: fill, checksum: sum }];
    }
  }
}

console.log(version);
let run = null;
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let reply = null;
  if (question.work !== undefined) [run, reply] = await prepare(question);
  else if (question.calls !== undefined) reply = await timed(run, question.calls);
  else run = null;
  console.log(JSON.stringify(reply));
}
