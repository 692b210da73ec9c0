// The notebook "3. Calculus & Automatic Differentiation", cell by cell.
import { notebook } from "./lib/notebook.js";

const { cell } = notebook(import.meta.url);

cell("In [1]", "3. Calculus & Automatic Differentiation: the package");

import { arange, dot, mul } from "nabla";

cell("In [9]", "Automatic Differentiation: a scalar function");
const x = arange(4, { requiresGrad: true });
// x.requiresGrad_(true)

let y = mul(2, dot(x.T, x));

// Backpropagation on y
y.backward();

// The gradient with respect to x
console.log(x.grad);

cell("In [10]", "Automatic Differentiation: another function");
x.grad!.zero_(); // else backward() adds to what is there

y = x.sum();
y.backward();

console.log(x.grad);

cell("In [13]", "Automatic Differentiation: a function that is not scalar");
x.grad!.zero_();

y = x.mul(x);
y.sum().backward(); // the same as y.backward(ones(4))

console.log(x.grad);

cell("In [23]", "Automatic Differentiation: a product");
x.grad!.zero_();

y = x.mul(x);
let z = y.mul(x);

z.sum().backward();
console.log(x.grad);

cell("In [24]", "Automatic Differentiation: the same product with a factor detached");
x.grad!.zero_();

y = x.mul(x);
const u = y.detach(); // a constant to the derivative
z = u.mul(x);

z.sum().backward();
console.log(x.grad);

cell("In [26]", "Automatic Differentiation: the factor's own derivative");
x.grad!.zero_();

y.sum().backward();

console.log(x.grad);
