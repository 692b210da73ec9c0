/**
 * Memory is the garbage collector's: every buffer is an ArrayBuffer that dies with its last tensor. Small tensors share
 * slabs, since an ArrayBuffer of their own would cost more than their work.
 */
import { Buffer, constants } from "node:buffer";
import type { ArrayOf, DType, DTypeInfo, TypedArray } from "../core/dtype.js";
import { dtypeInfo } from "../core/dtype.js";
import { BufferError } from "../core/errors.js";
import { register, release } from "./door.js";

/** Bytes up to which tensors lie in the smaller slabs. */
export const largestInSlab = 8192;

/** One ArrayBuffer and its slot in native code. */
export class Block {
  readonly buffer: ArrayBuffer;
  handle: number;
  /** Whether user code holds the buffer. Then its address and length are asked before each run. */
  exposed: boolean;
  /** Whether several storages lie in it. */
  readonly shared: boolean;
  private readonly views: (TypedArray | undefined)[] = [];

  constructor(buffer: ArrayBuffer, exposed: boolean, shared = false) {
    this.buffer = buffer;
    this.exposed = exposed;
    this.shared = shared;
    this.handle = register(buffer, exposed);
  }

  /** The whole buffer as a typed array. */
  view({ code, size, elements: Elements }: DTypeInfo): TypedArray {
    let view = this.views[code];
    if (view === undefined) {
      view = new Elements(this.buffer, 0, Math.floor(this.buffer.byteLength / size));
      this.views[code] = view;
    }
    return view;
  }

  expose(): void {
    release(this.handle);
    this.exposed = true;
    this.handle = register(this.buffer, true);
  }
}

/** Work that will fill a storage when its elements are needed. */
export interface Pending {
  /** Computes the elements and gives the storage its memory. */
  store(): void;
}

/**
 * A stretch of memory that tensors look at; or one still to be filled, by the work that is pending. Values saved from it
 * are counted here; an in-place operation on memory that is saved moves the storage, and every tensor over it, to a fresh
 * place, so that what was saved stays as it was.
 */
export class Storage {
  /** Where the elements are: null while they are pending. For the door, which is given computed storages only. */
  place: Block | null;
  start: number;
  readonly byteLength: number;
  pending: Pending | null = null;
  /** Values saved from this storage since it came to where it is. */
  saves = 0;

  constructor(place: Block | null, start: number, byteLength: number) {
    this.place = place;
    this.start = start;
    this.byteLength = byteLength;
  }

  get block(): Block {
    if (this.pending !== null) this.pending.store();
    return this.place as Block;
  }

  /** Whether user code holds the memory too. */
  get exposed(): boolean {
    return this.pending === null && (this.place as Block).exposed;
  }

  get byteOffset(): number {
    if (this.pending !== null) this.pending.store();
    return this.start;
  }

  /** The elements as a live typed array, from the storage's first on. */
  view<D extends DType>(dtype: D, from = 0, count?: number): ArrayOf<D> {
    this.checkAttached();
    const { size, elements: Elements } = dtypeInfo[dtype];
    const length = count ?? Math.floor(this.byteLength / size) - from;
    if (length === 0) return new Elements(this.block.buffer, 0, 0) as ArrayOf<D>; // wherever an empty view points
    return new Elements(this.block.buffer, this.start + from * size, length) as ArrayOf<D>;
  }

  checkAttached(): void {
    const { block } = this;
    if (block.exposed && block.buffer.byteLength < this.start + this.byteLength) {
      throw new BufferError(
        "the tensor's buffer is gone: it was transferred or detached after .data gave it out",
      );
    }
  }

  /** Gets memory. What it holds is arbitrary. */
  claim(): void {
    const bytes = this.byteLength;
    const slab = bytes <= small.largest ? small : large;
    if (bytes > slab.largest) {
      this.place = new Block(uninitialised(bytes), false);
      return;
    }
    let from = bytes < 64 ? slab.next : (slab.next + 63) & ~63;
    if (slab.block === null || from + bytes > slab.bytes) {
      slab.block = new Block(uninitialised(slab.bytes), false, true);
      from = 0;
    }
    slab.next = from + ((bytes + 15) & ~15);
    this.place = slab.block;
    this.start = from;
  }

  /** Goes to fresh memory, with the old contents or (where all of it is about to be written) without. */
  move(keepContents: boolean): void {
    const fresh = allocate(this.byteLength);
    if (keepContents) {
      fresh.view("uint8").set(this.view("uint8", 0, this.byteLength));
    }
    this.place = fresh.place;
    this.start = fresh.start;
    this.saves = 0;
  }

  /** Lets user code hold the buffer: in a buffer of its own, out of any slab, and away from what was saved. */
  expose(): void {
    const { block } = this;
    if (block.exposed) return;
    if (!block.shared && this.saves === 0) {
      block.expose();
      return;
    }
    const buffer = new ArrayBuffer(this.byteLength);
    new Uint8Array(buffer).set(this.view("uint8", 0, this.byteLength));
    this.place = new Block(buffer, true);
    this.start = 0;
    this.saves = 0;
  }
}

/** A buffer that tensors of up to a size share, and where the next one begins. */
interface Slab {
  readonly largest: number;
  readonly bytes: number;
  block: Block | null;
  next: number;
}
const small: Slab = { largest: largestInSlab, bytes: 65536, block: null, next: 0 };
const large: Slab = { largest: 32768, bytes: 262144, block: null, next: 0 };

function uninitialised(bytes: number): ArrayBuffer {
  try {
    return bytes <= constants.MAX_LENGTH
      ? (Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer)
      : new ArrayBuffer(bytes);
  } catch (error) {
    throw new BufferError(`out of memory: a tensor of ${bytes} bytes could not be allocated`, {
      cause: error,
    });
  }
}

/** Fresh memory. What it holds is arbitrary. */
export function allocate(bytes: number): Storage {
  const storage = new Storage(null, 0, bytes);
  storage.claim();
  return storage;
}

/** A storage over memory that user code holds. */
export function shareBuffer(buffer: ArrayBuffer, byteOffset: number, byteLength: number): Storage {
  return new Storage(new Block(buffer, true), byteOffset, byteLength);
}
