/** What a suite of benchmarks is made of. */
import type { DType, Tensor } from "nabla";
import type { Peer } from "./peer.js";

export interface Case {
  readonly work: string;
  readonly dtype: DType;
  /** The size as the table shows it, and the number of elements that `--n` asks for. */
  readonly size: string;
  readonly n: number;
  readonly threads: number;
  /**
   * Makes what is needed, and gives the work. Random tensors are the same in torch, since the harness sets the seed here
   * and there.
   */
  readonly prepare: () => () => Tensor;
  /** A name among the suite's peers. */
  readonly peer: string;
  /** The same work, in the peer's terms. */
  readonly question: object;
  /** The least ratio of the peer's time to nabla's that is wanted. */
  readonly goal?: number;
  /** What one call gets done, for a rate beside the times. */
  readonly amount?: { readonly count: number; readonly unit: "FLOP" | "B" };
}

export interface Suite {
  readonly cases: readonly Case[];
  /** Starts a peer by its name; null where this machine lacks it. */
  readonly connect: Readonly<Record<string, (threads: number) => Promise<Peer | null>>>;
}

/** The question for bench/torch_peer.py: `setup` runs once, `statement` is the expression that is timed. */
export const torchWork = (setup: string, statement: string): object => ({ setup, statement });

/** 1000 as 1 k, 1000000 as 1 M. */
export const showCount = (n: number): string =>
  n % 1e6 === 0 ? `${n / 1e6} M` : n % 1e3 === 0 ? `${n / 1e3} k` : String(n);
