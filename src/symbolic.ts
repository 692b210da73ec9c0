/** `nabla/symbolic`: what `sym` has, by itself. */
// What lambdify gives has a tensor's methods without an import of nabla, too.
import "./methods.js";

export * from "./symbolic/index.js";
