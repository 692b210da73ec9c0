// Tells three species of penguins apart by four measurements: by softmax regression, and by a
// network of two layers. The data: Horst, Hill & Gorman (2020), see data/README.md.
import { readFileSync } from "node:fs";
import type { Tensor } from "nabla";
import {
  argmax,
  eq,
  logSoftmax,
  manualSeed,
  matmul,
  noGrad,
  oneHot,
  randn,
  randperm,
  split,
  tensor,
  zeros,
} from "nabla";

const species = ["Adelie", "Chinstrap", "Gentoo"];
const measurements = [
  "Beak Length (mm)",
  "Beak Depth (mm)",
  "Flipper Length (mm)",
  "Body Mass (g)",
] as const;

type Penguin = Record<(typeof measurements)[number], number> & { Species: string };
type Row = { [K in keyof Penguin]: Penguin[K] | null };

const isComplete = (row: Row): row is Penguin =>
  row.Species !== null && measurements.every((name) => row[name] !== null);

const rows: Row[] = JSON.parse(
  readFileSync(new URL("data/penguins.json", import.meta.url), "utf8"),
);
const penguins = rows.filter(isComplete);
console.log(`${rows.length} penguins, ${rows.length - penguins.length} dropped as incomplete`);

manualSeed(42);
const shuffled = Array.from(randperm(penguins.length).toTypedArray(), (i) => penguins[Number(i)]);
const measured = tensor(shuffled.map((penguin) => measurements.map((name) => penguin[name])));
const classes = tensor(
  shuffled.map(({ Species }) => species.indexOf(Species)),
  { dtype: "int64" },
);

const trainCount = Math.round(0.7 * penguins.length);
const sizes = [trainCount, penguins.length - trainCount];
const [trainMeasured, testMeasured] = split(measured, sizes);
const [trainClasses, testClasses] = split(classes, sizes);
console.log(`${sizes[0]} to learn from, ${sizes[1]} to test on`);

// By the mean and deviation of the training set alone: nothing is learnt from the test set.
const mean = trainMeasured.mean(0);
const deviation = trainMeasured.sub(mean).square().mean(0).sqrt();
const standardised = (x: Tensor): Tensor => x.sub(mean).div(deviation);
const trainInputs = standardised(trainMeasured);
const testInputs = standardised(testMeasured);
const trainTargets = oneHot(trainClasses, species.length);

interface Model {
  name: string;
  parameters: Tensor[];
  /** One row for each penguin, one column for each species. */
  logits(inputs: Tensor): Tensor;
}

const crossEntropy = (logits: Tensor, targets: Tensor): Tensor =>
  logSoftmax(logits, 1).mul(targets).sum(1).mean().neg();

const weights = (inputs: number, outputs: number): Tensor =>
  randn([inputs, outputs]).div(Math.sqrt(inputs)).requiresGrad_();

const biases = (outputs: number): Tensor => zeros([outputs], { requiresGrad: true });

function softmaxRegression(): Model {
  const w = weights(measurements.length, species.length);
  const b = biases(species.length);
  return {
    name: "Softmax regression",
    parameters: [w, b],
    logits: (inputs) => matmul(inputs, w).add(b),
  };
}

function twoLayers(hidden: number): Model {
  const w1 = weights(measurements.length, hidden);
  const b1 = biases(hidden);
  const w2 = weights(hidden, species.length);
  const b2 = biases(species.length);
  return {
    name: `Two layers, ${hidden} hidden units`,
    parameters: [w1, b1, w2, b2],
    logits: (inputs) => matmul(matmul(inputs, w1).add(b1).tanh(), w2).add(b2),
  };
}

/** On a terminal one line that changes; elsewhere a line for every so many steps. */
function showProgress(step: number, steps: number, loss: Tensor): void {
  const line = `  step ${String(step).padStart(String(steps).length)}  loss ${loss.item().toFixed(4)}`;
  if (process.stdout.isTTY) process.stdout.write(step === steps ? `\r${line}\n` : `\r${line}`);
  else if (step % (steps / 5) === 0) console.log(line);
}

/** Gradient descent on the whole training set. */
function train({ parameters, logits }: Model, steps: number, rate: number): void {
  for (let step = 0; ; step++) {
    const loss = crossEntropy(logits(trainInputs), trainTargets);
    showProgress(step, steps, loss);
    if (step === steps) return;
    loss.backward();
    noGrad(() => {
      for (const parameter of parameters) {
        parameter.sub_(parameter.grad!, { alpha: rate });
        parameter.grad = null;
      }
    });
  }
}

function showConfusion(predicted: Tensor): void {
  // Entry [i, j] counts the penguins of species i that were taken for species j.
  const counts = matmul(oneHot(testClasses, species.length).T, oneHot(predicted, species.length));
  const width = Math.max(...species.map((name) => name.length)) + 2;
  const line = (head: string, cells: readonly string[]): string =>
    `  ${head.padEnd(width)}${cells.map((cell) => cell.padStart(width)).join("")}`;
  console.log(line("is \\ taken for", species));
  for (const [i, row] of [...counts].entries()) {
    console.log(line(species[i], Array.from(row.toTypedArray(), String)));
  }
}

/** Trains a model, shows how it does, and gives the share of the test set that it gets right. */
function run(model: Model, steps: number, rate: number): number {
  console.log(`\n${model.name}`);
  train(model, steps, rate);
  const predicted = noGrad(() => argmax(model.logits(testInputs), 1));
  showConfusion(predicted);
  return eq(predicted, testClasses).float().mean().item();
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const regression = run(softmaxRegression(), 500, 0.5);
const network = run(twoLayers(16), 500, 0.2);
console.log(`\nTest accuracy of softmax regression: ${percent(regression)}`);
console.log(`Test accuracy of the two layers: ${percent(network)}`);
