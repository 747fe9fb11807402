import { PgherdError } from '../errors.ts'

/** Growing columns of samples: element i of the three arrays, for i below `count`, is one sample. */
export interface SampleColumns {
  refs: Uint32Array
  /** Milliseconds since the epoch. */
  timestamps: Float64Array
  values: Float64Array
  /** The bytes of `values`, to move stale markers and other NaNs as bits. */
  valueBytes: Uint8Array
  count: number
}

export function createSampleColumns(capacity = 2048): SampleColumns {
  const values = new Float64Array(capacity)
  return {
    refs: new Uint32Array(capacity),
    timestamps: new Float64Array(capacity),
    values,
    valueBytes: new Uint8Array(values.buffer),
    count: 0,
  }
}

/** Samples without content take two bytes on the wire and twenty here: a small body must not become a large request. */
const mostSamples = 1 << 22

/**
 * Doubles the room; what is there stays.
 * @throws PgherdError REQUEST_TOO_LARGE
 */
export function growSampleColumns(columns: SampleColumns): void {
  if (columns.timestamps.length >= mostSamples) {
    throw new PgherdError('REQUEST_TOO_LARGE', `a request with more than ${mostSamples} samples`)
  }
  const larger = createSampleColumns(columns.timestamps.length * 2)
  larger.refs.set(columns.refs)
  larger.timestamps.set(columns.timestamps)
  larger.valueBytes.set(columns.valueBytes)
  columns.refs = larger.refs
  columns.timestamps = larger.timestamps
  columns.values = larger.values
  columns.valueBytes = larger.valueBytes
}
