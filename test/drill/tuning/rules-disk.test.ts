import type { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { diskClassOf, readLatency } from '../../../agent/tuning/evidence/read-latency.ts'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import type { DiskClass } from '../../../agent/tuning/recommend/machine.ts'
import { canSlowCalls } from '../../../testbed/slow-calls.ts'
import { quietMachine } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { inEach, rows, startCold, withSlowReads } from './cold-reads.ts'

/** What reads say of the disk on real servers, and all rules asked. A slow disk is one whose reads strace holds up, which needs root. */

async function adviceFor(observed: ObservedTestServer, evidence: Evidence, diskClass: DiskClass) {
  return observed.adviceOf(evidence, {
    situation: await observed.situation({ machine: { ...quietMachine, diskClass } }),
  })
}

/** What the detection would say of the disk after that. */
const measured = (evidence: Evidence): DiskClass => diskClassOf(readLatency(evidence)?.ms ?? 0) ?? 'unknown'

describe.skipIf(!canSlowCalls)('reads of single pages that take some milliseconds', () => {
  test.each([15, 18] as const)('I1: are no NVMe (PostgreSQL %i)', async (major) => {
    await using bed = await startCold(major)
    const { server } = bed
    // One row of each page, so that each takes a read of its own.
    const read = (client: Client, table: string) =>
      client.query(
        `set enable_bitmapscan = off; set enable_seqscan = off; select sum(length(b)) from generate_series(1, ${rows}, 8) g join ${table} on a = g`,
      )
    const evidence = await bed.watch(() => withSlowReads(server, 2, () => inEach(server, read)), {
      asHours: 1,
    })
    const { ids, findings } = await bed.adviceOf(evidence)
    expect(ids).toEqual(['I1'])
    expect(findings.get('I1')?.notes).toEqual([
      expect.stringMatching(/reads took \d+\.\d\d ms each .* while this advice is for nvme/),
    ])
    expect((await adviceFor(bed, evidence, measured(evidence))).ids).toEqual([])
  })

  test('I4: are begun ahead by bitmap heap scans (PostgreSQL 15)', async () => {
    await using bed = await startCold(15)
    const { server } = bed
    const read = (client: Client, table: string) =>
      client.query(
        `set enable_indexscan = off; set enable_seqscan = off; select sum(length(b)) from ${table} where a > 0`,
      )
    const evidence = await bed.watch(() => withSlowReads(server, 2, () => inEach(server, read)), {
      asHours: 1,
    })
    const { ids, findings } = await adviceFor(bed, evidence, measured(evidence))
    expect(ids).toEqual(['I4'])
    expect(findings.get('I4')?.drafts).toMatchObject([{ parameter: 'effective_io_concurrency' }])
  })
})
