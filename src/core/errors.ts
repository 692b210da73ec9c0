/** Every error that nabla throws for a wrong call is a NablaError; its class says the kind. */
export class NablaError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** Shapes that do not fit: broadcasting, reshaping, inner sizes of a product. */
export class ShapeError extends NablaError {}

/** An element type that a function does not take, or a value that its type cannot hold. */
export class DTypeError extends NablaError {}

/** A dimension or an index out of range. */
export class IndexError extends NablaError {}

/** A matrix without the property that a function needs, such as an inverse. */
export class LinAlgError extends NablaError {}

/** A wrong use of the tape. */
export class GradError extends NablaError {}

/** A value that is no valid argument. */
export class ArgumentError extends NablaError {}

/** A tensor whose buffer was taken away: transferred to another thread, or detached. */
export class BufferError extends NablaError {}

/** The native addon could not be loaded, or refused a program. */
export class NativeError extends NablaError {}
