import { nodeOf } from "../autograd/tape.js";
import { connect } from "../tensor/tensor.js";
import "./algebra.js";
import { select } from "./views.js";

/** Tells Tensor of what lies above it. */
export function connectTensor(): void {
  connect({ nodeOf, select: (x, i) => select(x, 0, i) });
}
