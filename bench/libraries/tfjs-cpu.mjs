import "@tensorflow/tfjs-backend-cpu";
import { withBackend } from "./tfjs.mjs";

export const { version, asynchronous, checksum, works } = await withBackend("cpu");
