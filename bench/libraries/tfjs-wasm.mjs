import "@tensorflow/tfjs-backend-wasm";
import { withBackend } from "./tfjs.mjs";

export const { version, asynchronous, checksum, works } = await withBackend("wasm");
