// The long form is test/leak.
import { leakCases } from "../leak/cases.ts";

leakCases({
  churn: Number(process.env.NABLA_LEAK_GB ?? 2),
  chain: 300,
  small: 200_000,
  errors: 1000,
  training: 1000,
  threads: 12,
});
