// Gives every test gc(), in forks and threads alike.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { setDeferFrom } from "../src/tensor/deferred.js";

setFlagsFromString("--expose-gc");
globalThis.gc = runInNewContext("gc");

// The second run of the tests: with every elementwise operation deferred, however small.
if (process.env.NABLA_TEST_DEFER_FROM !== undefined) {
  setDeferFrom(Number(process.env.NABLA_TEST_DEFER_FROM));
}
