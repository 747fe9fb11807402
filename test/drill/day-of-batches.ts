import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { labelValue } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import {
  decodeRecord,
  payloadLength,
  recordHeaderBytes,
  segmentHeaderBytes,
} from '../../common/spool/record.ts'
import { scanSegment, segmentPath, segmentSequence } from '../../common/spool/segment.ts'
import type { SpoolRecord } from '../../common/spool/record.ts'
import { createRemoteWriteEncoder } from '../../common/wire/remote-write-encode.ts'
import { decodeWriteRequest } from '../../common/wire/remote-write-decode.ts'
import { parseLabels } from '../../common/wire/remote-write-labels.ts'
import { createSampleColumns } from '../../common/wire/sample-columns.ts'
import { uncompressSnappy } from '../../common/wire/snappy-uncompress.ts'

/** What an agent has measured of one source at one moment. */
export interface Batch {
  readonly timestampMs: number
  readonly job: string
  readonly series: readonly LabelSet[]
  readonly values: Float64Array
}

/** The measurements that an agent has put into its spool, in their order. */
export async function spooledBatches(directory: string): Promise<readonly Batch[]> {
  const found: Batch[] = []
  for (const name of existsSync(directory) ? readdirSync(directory).sort() : []) {
    const sequence = segmentSequence(name)
    if (sequence === undefined) continue
    const { segment } = await scanSegment(directory, sequence)
    const bytes = readFileSync(segmentPath(directory, sequence))
    for (let at = segmentHeaderBytes; at < segment.bytes;) {
      const length = payloadLength(bytes.subarray(at, at + recordHeaderBytes)) ?? 0
      const record = decodeRecord(bytes.subarray(at, at + recordHeaderBytes + length))
      at += recordHeaderBytes + length
      if (record !== undefined) found.push(batchOf(record))
    }
  }
  return found
}

/** The same batch at another time, with other values, as its agent would have written it. */
export function createBatchWriter(): (
  batch: Batch,
  timestampMs: number,
  step: number,
) => readonly SpoolRecord[] {
  const encoder = createRemoteWriteEncoder()
  return ({ series, values }, timestampMs, step) => {
    const moved = Float64Array.from(values, (value) => value + step)
    const { bodies } = encoder.encode({ timestampMs, series, values: moved })
    return bodies.map(({ body }) => ({ timestampMs, payload: body.slice() }))
  }
}

function batchOf({ timestampMs, payload }: SpoolRecord): Batch {
  const columns = createSampleColumns()
  const series: LabelSet[] = []
  decodeWriteRequest(uncompressSnappy(payload, 1 << 28), columns, (bytes, from, to) => {
    const labels = parseLabels(bytes.subarray(from, to))
    if (typeof labels === 'string') throw new Error(`a series of the agent is refused: ${labels}`)
    return series.push(labels) - 1
  })
  const values = columns.values.slice(0, columns.count)
  return { timestampMs, job: labelValue(series[0] ?? [], 'job'), series, values }
}
