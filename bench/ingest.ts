import { labelSet } from '../common/series/label-set.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../common/wire/remote-write-encode.ts'
import { uncompressSnappy } from '../common/wire/snappy-uncompress.ts'
import { createIngest } from '../collector/ingest/ingest.ts'

/**
 * Samples per CPU second of the collector's receiving end, without HTTP and without a store: decompression,
 * protobuf, series lookup. `node bench/ingest.ts [nodes] [series per node] [rounds]`
 */
const [nodes = 20, seriesPerNode = 1000, rounds = 50] = process.argv.slice(2).map(Number)

const fleet: LabelSet[][] = Array.from({ length: nodes }, (_, node) =>
  Array.from({ length: seriesPerNode }, (_, i) =>
    labelSet({
      __name__: `pg_stat_user_tables_metric_${i % 40}`,
      job: 'pgsql',
      cls: `pg-cluster-${node >> 1}`,
      ins: `pg-cluster-${node >> 1}-${(node & 1) + 1}`,
      ip: `10.10.10.${node}`,
      instance: `10.10.10.${node}:9630`,
      datname: 'application',
      relname: `public.some_table_${Math.floor(i / 40)}`,
    }),
  ),
)
const encoder = createRemoteWriteEncoder()
const encodeStart = process.cpuUsage()
const bodies: Uint8Array[] = []
for (let round = 0; round < rounds; round++) {
  for (const series of fleet) {
    const values = Float64Array.from(series, (_, i) =>
      i % 3 === 0 ? round * 17 + i : Math.round(Math.random() * 1e6) / 100,
    )
    for (const { body } of encoder.encode({ timestampMs: 1_790_000_000_000 + round * 10_000, series, values })
      .bodies) {
      bodies.push(body)
    }
  }
}
const samples = nodes * seriesPerNode * rounds
report('encode (with compression)', encodeStart)

const rawBytes = bodies.reduce((sum, body) => sum + uncompressSnappy(body, 1 << 25).length, 0)
const sentBytes = bodies.reduce((sum, body) => sum + body.length, 0)
console.log(
  `${samples} samples, ${(rawBytes / samples).toFixed(0)} B raw and ${(sentBytes / samples).toFixed(1)} B compressed each`,
)

for (let pass = 1; pass <= 3; pass++) {
  const scratch = new Uint8Array(1 << 22)
  const start = process.cpuUsage()
  for (const body of bodies) uncompressSnappy(body, 1 << 25, scratch)
  report(`decompress only, pass ${pass}`, start)
}
for (let pass = 1; pass <= 3; pass++) {
  let nextRef = 0
  const ingest = createIngest({
    now: () => Date.now(),
    seriesRef: () => nextRef++,
    append: (_refs, _timestamps, _values, count) =>
      Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 }),
  })
  const start = process.cpuUsage()
  for (const body of bodies) {
    await ingest.write(body, { contentType: 'application/x-protobuf', contentEncoding: 'snappy' })
  }
  report(`ingest, pass ${pass}`, start)
}

function report(what: string, start: NodeJS.CpuUsage): void {
  const used = process.cpuUsage(start)
  const seconds = (used.user + used.system) / 1e6
  console.log(
    `${what}: ${(samples / seconds / 1e6).toFixed(2)} M samples per CPU second (${seconds.toFixed(2)} s)`,
  )
}
