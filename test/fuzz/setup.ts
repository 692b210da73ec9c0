// How many cases a property is tried on: NABLA_FUZZ_RUNS=100000 npm run fuzz
import fc from "fast-check";

fc.configureGlobal({ numRuns: Number(process.env.NABLA_FUZZ_RUNS ?? 10_000) });
