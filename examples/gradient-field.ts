// Himmelblau's function: its gradient field and its Hessian are derived by symbols and evaluated over a grid of a million
// points, by one pass of native code; then Newton's method starts from every one of them.
import { hypot, linspace, sym } from "nabla";

const [x, y] = sym.symbols("x y");
const f = sym.expr`(${x}^2 + ${y} - 11)^2 + (${x} + ${y}^2 - 7)^2`;
const gradient = sym.gradient(f, [x, y]);
const hessian = sym.hessian(f, [x, y]);

console.log(`f = ${f}`);
console.log(`gradient = [${gradient.join(", ")}]`);
console.log(`Hessian = [[${hessian.map((row) => row.join(", ")).join("], [")}]]\n`);

const n = 1000;
const xs = linspace(-5, 5, n, { dtype: "float64" });
const ys = linspace(-5, 5, n, { dtype: "float64" }).unsqueeze(1);
const field = sym.lambdify([x, y], [f, gradient, hessian]);
const [value, [fx, fy], [[fxx, fxy], [, fyy]]] = field(xs, ys);

const steepest = hypot(fx, fy).max().item();
const determinant = fxx.mul(fyy).sub(fxy.square());
const share = (condition: typeof value): string =>
  `${(condition.double().mean().item() * 100).toFixed(1)} %`;
console.log(
  `grid: ${value.shape.join(" × ")}, f from ${value.min().item().toFixed(4)} to ${value.max().item()}`,
);
console.log(`steepest slope: ${steepest.toFixed(1)}`);
console.log(`convex: ${share(determinant.gt(0).logicalAnd(fxx.gt(0)))}`);
console.log(`concave: ${share(determinant.gt(0).logicalAnd(fxx.lt(0)))}`);
console.log(`saddle: ${share(determinant.lt(0))}\n`);

// A step of Newton's method, symbolically: the Hessian's inverse times the gradient
const [[a, b], [, d]] = hessian;
const [p, q] = gradient;
const scale = sym.sub(sym.mul(a, d), sym.pow(b, 2));
const step = sym.lambdify(
  [x, y],
  [x.sub(d.mul(p).sub(b.mul(q)).div(scale)), y.sub(a.mul(q).sub(b.mul(p)).div(scale))],
);
let [px, py] = step(xs, ys);
for (let i = 0; i < 40; i++) [px, py] = step(px, py);

const found = [
  ["minimum", 3, 2],
  ["minimum", -2.805118, 3.131313],
  ["minimum", -3.77931, -3.283186],
  ["minimum", 3.584428, -1.848127],
  ["maximum", -0.270845, -0.923039],
  ["saddle point", -3.073026, -0.081353],
  ["saddle point", 0.086678, 2.884255],
  ["saddle point", 3.385154, 0.073852],
  ["saddle point", -0.127961, -1.953715],
] as const;
for (const [kind, cx, cy] of found) {
  const near = px.sub(cx).abs().lt(1e-5).logicalAnd(py.sub(cy).abs().lt(1e-5));
  console.log(`Newton's method finds the ${kind} (${cx}, ${cy}) from ${share(near)} of the grid`);
}
