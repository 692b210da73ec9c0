/** `nabla/symbolic` where nothing else of the package is imported before. */
import * as symbolic from "nabla/symbolic";
import { expect, it } from "vitest";

it("gives whole tensors by itself, and shares its classes with nabla", async () => {
  const x = symbolic.symbol("x");
  expect(symbolic.lambdify(x, x.mul(2))([1, 2, 3]).sum().item()).toBe(12);
  const { sym } = await import("nabla");
  expect(Object.keys(sym).sort()).toEqual(Object.keys(symbolic).sort());
  expect(x).toBeInstanceOf(sym.Expr);
});
