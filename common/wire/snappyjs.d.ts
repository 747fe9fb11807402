declare module 'snappyjs' {
  /** Snappy block format. */
  export function compress(bytes: Uint8Array): Uint8Array
}
