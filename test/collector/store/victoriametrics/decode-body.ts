import { labelKey } from '../../../../common/series/label-set.ts'
import { decodeWriteRequest } from '../../../../common/wire/remote-write-decode.ts'
import { parseLabels } from '../../../../common/wire/remote-write-labels.ts'
import { createSampleColumns } from '../../../../common/wire/sample-columns.ts'
import { uncompressSnappy } from '../../../../common/wire/snappy-uncompress.ts'

/** The samples of a remote write body as text: labels, time, and the bits of the value. */
export function samplesOf(body: Uint8Array): string[] {
  const columns = createSampleColumns()
  const keys: string[] = []
  decodeWriteRequest(uncompressSnappy(body, 64 << 20), columns, (bytes, from, to) => {
    const labels = parseLabels(bytes.subarray(from, to))
    return keys.push(typeof labels === 'string' ? labels : labelKey(labels)) - 1
  })
  const bits = new BigUint64Array(columns.values.buffer)
  return Array.from({ length: columns.count }, (_, i) =>
    [keys[columns.refs[i]!], columns.timestamps[i], bits[i]].join(' '),
  )
}
