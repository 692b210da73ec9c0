/** Programs with tiny tiles: NABLA_TINY_TILES=1 tsx test/fuzz/tiny.ts seed count prints the tally of the random ones. */
import { fuzz, fuzzReductions } from "./programs.ts";

const [seed, count] = process.argv.slice(2).map(Number);
fuzzReductions(seed);
console.log(JSON.stringify(fuzz(seed, count)));
