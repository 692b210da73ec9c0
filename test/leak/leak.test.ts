import { leakCases } from "./cases.ts";

leakCases({
  churn: Number(process.env.NABLA_LEAK_GB ?? 20),
  chain: 2000,
  small: 5_000_000,
  errors: 7000,
  training: 20_000,
  threads: 200,
});
