/** The operands of the works: the same in every library. */
export const wave = (n: number, frequency: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => 2 * Math.sin(frequency * i));

export function sumOfAbsolutes(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
}
