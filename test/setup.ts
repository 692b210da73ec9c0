// Gives every test gc(), in forks and threads alike.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
globalThis.gc = runInNewContext("gc");
