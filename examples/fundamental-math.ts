// The notebook "Fundamental Mathematics for Deep Learning", cell by cell.
// https://colab.research.google.com/github/MJMortensonWarwick/ADA2425/blob/main/6_X_fundamental_math_for_DL.ipynb
import { notebook } from "./lib/notebook.js";

const { cell } = notebook(import.meta.url);

cell("In [1]", "Scalars, Vectors, Matrices and Tensors: a scalar");

import type { Tensor } from "nabla";
import {
  add,
  argmax,
  diag,
  dot,
  eye,
  inverse,
  matmul,
  mul,
  sum,
  sym,
  tensor,
  trace,
  transpose,
} from "nabla";

// Bigints make integer tensors; numbers would make float32 ones
const myScalar = tensor(13n);
console.log(myScalar);

cell("In [2]", "Scalars, Vectors, Matrices and Tensors: a matrix");
const basicMatrix = tensor([
  [1n, 2n, 3n, 4n],
  [5n, 6n, 7n, 8n],
]);
console.log(basicMatrix);

cell("In [3]", "Scalars, Vectors, Matrices and Tensors: a vector");
const egVector = tensor([1n, 2n, 3n, 4n]); // or tensor([[1n], [2n], [3n], [4n]]) for a column
console.log(egVector);

cell("In [4]", "Scalars, Vectors, Matrices and Tensors: all of them are tensors");
console.log(myScalar);
console.log(basicMatrix);
console.log(egVector);

cell("In [5]", "Element-wise Multiplication");
const matrixOne = tensor([1n, 2n, 3n, 4n]);
const matrixTwo = tensor([5n, 6n, 7n, 8n]);
const ewMatrix = matrixOne.mul(matrixTwo);
console.log(`First matrix: ${ewMatrix}`);
console.log("\n");

const matrixThree = tensor([
  [1n, 2n, 3n, 4n],
  [5n, 6n, 7n, 8n],
]);
let matrixFour = tensor([
  [8n, 7n, 6n, 5n],
  [4n, 3n, 2n, 1n],
]);
const ewMatrixTwo = matrixThree.mul(matrixFour);
console.log(`Second matrix: ${ewMatrixTwo}`);

cell("In [6]", "Matrix by Vector Multiplication");
let vectorOne = tensor([1n, 2n, 3n, 4n]);
matrixFour = tensor([
  [8n, 7n, 6n, 5n],
  [4n, 3n, 2n, 1n],
]);
const ewMatrixThree = vectorOne.mul(matrixFour); // the vector meets every row
console.log(`Third matrix: ${ewMatrixThree}`);

cell("In [8]", "Matrix by Scalar Multiplication");
const anotherScalar = 10n;
matrixFour = tensor([
  [8n, 7n, 6n, 5n],
  [4n, 3n, 2n, 1n],
]);
const ewMatrixFour = mul(anotherScalar, matrixFour);
console.log(ewMatrixFour);

cell("In [9]", "Matrix Multiplication: a matrix and a column");
const matrixFive = tensor([
  [1n, 2n],
  [3n, 4n],
  [5n, 6n],
]);
const matrixSix = tensor([[100n], [200n]]);
const matmulMatrix = matmul(matrixFive, matrixSix); // or matrixFive.matmul(matrixSix)
console.log(matmulMatrix);

cell("In [11]", "Matrix Multiplication: two matrices");
const matrixSeven = tensor([
  [1n, 2n, 3n],
  [4n, 5n, 6n],
]);
const matrixEight = tensor([
  [100n, 200n],
  [300n, 400n],
  [500n, 600n],
]);
const matmulMatrixTwo = matmul(matrixSeven, matrixEight);
console.log(matmulMatrixTwo);

cell("In [12]", "Vector Dot Product");
vectorOne = tensor([1n, 2n, 3n, 4n]);
const vectorTwo = tensor([8n, 7n, 6n, 5n]);

const vectorDotProduct = dot(vectorOne, vectorTwo);
console.log(vectorDotProduct);

cell("In [None]", "Matrix Addition and Reduce-Sum: a function for addition");
// The notebook calls TensorFlow here, whose constants are int32
let matrixNine: Tensor = tensor([1n, 2n, 3n], { dtype: "int32" });
let matrixTen: Tensor = tensor([6n, 5n, 4n], { dtype: "int32" });
let matrixAddition = add(matrixNine, matrixTen);
console.log(matrixAddition);

cell("In [14]", "Matrix Addition and Reduce-Sum: a method for addition");
matrixNine = tensor([1n, 2n, 3n]);
matrixTen = tensor([6n, 5n, 4n]);
matrixAddition = matrixNine.add(matrixTen);
console.log(matrixAddition);

cell("In [15]", "Matrix Addition and Reduce-Sum: the sum of all elements");
let matrixEleven = tensor([
  [1n, 2n, 3n],
  [4n, 5n, 6n],
  [7n, 8n, 9n],
]);
const matrixSum = sum(matrixEleven);
console.log(matrixSum);

cell("In [16]", "Matrix Addition and Reduce-Sum: sums along a dim");
matrixEleven = tensor([
  [1n, 2n, 3n],
  [4n, 5n, 6n],
  [7n, 8n, 9n],
]);

const matrixSrCols = sum(matrixEleven, 0); // one sum for each column
console.log(matrixSrCols);

const matrixSrRows = sum(matrixEleven, 1); // one sum for each row
console.log(matrixSrRows);

cell("In [17]", "Identity Matrices and Diagonal Matrices: an identity matrix");
let identityMatrix: Tensor = eye(3, { dtype: "int32" });
console.log(identityMatrix);

cell("In [21]", "Identity Matrices and Diagonal Matrices: multiplying by it changes nothing");
const testMatrix = tensor(
  [
    [1n, 2n, 3n],
    [4n, 5n, 6n],
    [7n, 8n, 9n],
  ],
  { dtype: "int32" },
);
const outputMatrix = matmul(testMatrix, identityMatrix);
console.log(outputMatrix);

cell("In [22]", "Identity Matrices and Diagonal Matrices: a diagonal matrix");
const diagonal = tensor([1n, 2n, 3n, 4n]);
const diagonalMatrix = diag(diagonal);
console.log(diagonalMatrix);

cell("In [23]", "Identity Matrices and Diagonal Matrices: the trace");
const diagonalMatrixTrace = trace(diagonalMatrix);
console.log(diagonalMatrixTrace);

cell("In [24]", "Inverse Matrices");
const aMatrix = tensor([
  [1, 2, 1],
  [4, 4, 5],
  [6, 7, 7],
]);
const bMatrix = tensor([
  [-7, -7, 6],
  [2, 1, -1],
  [4, 5, -4],
]);

const inverseIt = matmul(aMatrix, bMatrix);
const inverseItAgain = matmul(bMatrix, aMatrix);

console.log("A matrix");
console.log(aMatrix);
console.log("\n");
console.log("B matrix");
console.log(bMatrix);
console.log("\n");
console.log("Inverse a -> b");
console.log(inverseIt);
console.log("\n");
console.log("Inverse b -> a");
console.log(inverseItAgain);
console.log("\n");

const aInverse = inverse(aMatrix);
console.log("Inverse of A:");
console.log(aInverse);
console.log("\n");

identityMatrix = matmul(aMatrix, aInverse);
console.log("A * A_inverse (should be close to identity matrix):");
console.log(identityMatrix);

// What rounding leaves depends on the order of the arithmetic, so it is not PyTorch's to the digit
const isIdentity = identityMatrix.sub(eye(3)).abs().max().item() < 1e-5;
console.log(`(its rounding residue is nabla's own; the identity to 1e-5: ${isIdentity})`);

cell("In [25]", "Transpose and Orthogonal Matrices: a transpose");
const preTransposeMatrix = tensor([
  [1n, 2n, 3n],
  [4n, 5n, 6n],
  [7n, 8n, 9n],
]);
console.log("Original");
console.log(preTransposeMatrix);

const transposeMatrix = transpose(preTransposeMatrix, 0, 1); // or preTransposeMatrix.T
console.log("\n");
console.log("Transposed!");
console.log(transposeMatrix);

cell("In [26]", "Transpose and Orthogonal Matrices: a matrix that is its own transpose");
const preTransposeMatrixTwo = tensor([
  [1n, 2n, 3n],
  [2n, 0n, 2n],
  [3n, 2n, 1n],
]);
console.log("Original");
console.log(preTransposeMatrixTwo);

const transposeMatrixTwo = transpose(preTransposeMatrixTwo, 0, 1); // or preTransposeMatrixTwo.T
console.log("\n");
console.log("Transposed!");
console.log(transposeMatrixTwo);

cell("In [27]", "Argmax Operations");
console.log("Argmax of a vector");
const anotherVector = tensor([4n, 12n, 42n, 5n]);
const vectorArgMax = argmax(anotherVector);
console.log(vectorArgMax);
console.log("\n");

console.log("Argmax of a matrix");
const anotherMatrix = tensor([
  [1n, 12n, 5n],
  [6n, 5n, 42n],
]);
const matrixArgMax = argmax(anotherMatrix, 0);
console.log(matrixArgMax);
console.log("\n");

cell("In [28]", "Power Rule");
const x = sym.symbol("x");

// differentiate a function that is x^n and n=4 ... i.e. the function is x^4
console.log(sym.diff(x.pow(4)));

cell("In [29]", "The Product Rule");
console.log(sym.diff(x.pow(3).mul(x.pow(5))));

cell("In [30]", "The Chain Rule");
console.log(sym.diff(sym.expr`(${x}^3 - 2 * ${x} + 4)^3`));

cell("In [31]", "Partial Derivatives");
const [x1, x2, x3] = sym.symbols("x1 x2 x3");
const f = sym.expr`${x1}^2 * ${x2} * ${x3}^4`;

console.log("Delta for x1");
console.log(sym.diff(f, x1));
console.log("\n");

console.log("Delta for x2");
console.log(sym.diff(f, x2));
console.log("\n");

console.log("Delta for x3");
console.log(sym.diff(f, x3));
