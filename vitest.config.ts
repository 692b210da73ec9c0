import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

// One plain line at the very end, for whatever reads the output.
const closingLine: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const { passed, failed, skipped, pending } = count;
    console.log(`${passed} passed, ${failed} failed, ${skipped + pending} skipped`);
  },
};

// Each folder of tests that take long is a project of its own; all the others are `unit`.
const slow = ["leak", "fuzz", "package"];
// What computes, once more with every elementwise operation deferred, however small.
const computing = ["autograd", "examples", "gradients", "linalg", "ops"];
const deferred = {
  extends: true as const,
  test: {
    name: "deferred",
    include: computing.map((name) => `test/unit/${name}.test.ts`),
    setupFiles: ["test/setup.ts"],
    env: { NABLA_TEST_DEFER_FROM: "0" },
    testTimeout: 120_000,
  },
};
const project = (name: string, minutes: number) => ({
  extends: true as const,
  test: {
    name,
    include: name === "unit" ? ["test/**/*.test.ts"] : [`test/${name}/**/*.test.ts`],
    exclude: name === "unit" ? slow.map((folder) => `test/${folder}/**`) : [],
    setupFiles: ["test/setup.ts"],
    testTimeout: minutes * 60_000,
    hookTimeout: minutes * 60_000,
  },
});

export default defineConfig({
  resolve: {
    alias: {
      "nabla/symbolic": fileURLToPath(new URL("src/symbolic.ts", import.meta.url)),
      nabla: fileURLToPath(new URL("src/index.ts", import.meta.url)),
    },
  },
  test: {
    pool: "forks",
    reporters: ["default", closingLine],
    projects: [
      project("unit", 1),
      deferred,
      project("leak", 10),
      project("fuzz", 60),
      project("package", 30),
    ],
  },
});
