/** Random programs with tiny tiles: NABLA_TINY_TILES=1 tsx test/fuzz/tiny.ts seed count prints the tally. */
import { fuzz } from "./programs.ts";

const [seed, count] = process.argv.slice(2).map(Number);
console.log(JSON.stringify(fuzz(seed, count)));
