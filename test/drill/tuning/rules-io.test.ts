import { join } from 'node:path'
import type { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { mountLoopDisk } from '../../../testbed/loop-disk.ts'
import { canSlowCalls } from '../../../testbed/slow-calls.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { inEach, settings, startCold, withSlowReads } from './cold-reads.ts'

/**
 * Rules of reads on real servers, and all rules asked. A slow disk is one whose reads strace holds up, which needs root. Made up is what the kernel
 * would say of that disk in I3: how many requests it has at once.
 */

/** As a server that reads from such a disk would have it. */
const withGauge = (evidence: Evidence, name: string, value: number): Evidence => ({
  ...evidence,
  mean: (gauge) => (gauge === name ? value : evidence.mean(gauge)),
})

const GB = 1024 ** 3
const isRoot = process.getuid?.() === 0

const scan = (client: Client, table: string) => client.query(`select sum(length(b)) from ${table}`)

describe('io workers of PostgreSQL 18', () => {
  const pageByPage = { io_combine_limit: '1', shared_buffers: '64MB' }

  test.skipIf(!canSlowCalls)('I2: all busy while the disk is slow', async () => {
    await using bed = await startCold(18, { ...pageByPage, io_workers: '1' })
    const { server } = bed
    const evidence = await bed.watch(() => withSlowReads(server, 1, () => inEach(server, scan)))
    const { ids, findings } = await bed.adviceOf(evidence)
    expect(ids).toEqual(['I2'])
    expect(findings.get('I2')?.drafts).toMatchObject([{ parameter: 'io_workers', proposed: '2' }])
  })

  test.skipIf(!isRoot)(
    'I5: busy with what the page cache has, while a disk of its own does nothing',
    async () => {
      await using disk = await mountLoopDisk(GB, unprivilegedOwner())
      const directory = join(disk.path, 'server')
      await using bed = await startCold(18, { ...pageByPage, io_workers: '1' }, directory)
      const { server } = bed
      const often = async (client: Client, table: string): Promise<void> => {
        for (let i = 0; i < 10; i++) await scan(client, table)
      }
      const evidence = await bed.watch(() => inEach(server, often), { everyMs: 50, seesHost: true })
      const { ids, findings } = await bed.adviceOf(evidence)
      expect(ids).toEqual(['I5'])
      expect(findings.get('I5')).toMatchObject({
        drafts: [],
        notes: [expect.stringContaining('io_method = sync may be quicker')],
      })
    },
  )

  test.skipIf(!canSlowCalls)('I3: large scans, of a disk with few requests at once', async () => {
    await using bed = await startCold(18, { ...pageByPage, io_workers: '32', effective_io_concurrency: '1' })
    const { server } = bed
    const evidence = await bed.watch(() => withSlowReads(server, 1.5, () => inEach(server, scan)))
    const { ids, findings } = await bed.adviceOf(withGauge(evidence, 'host.disk_queue', 1.8))
    expect(ids).toEqual(['I3'])
    expect(findings.get('I3')?.drafts).toMatchObject([
      { parameter: 'effective_io_concurrency', proposed: '2' },
    ])
  })
})

test('O1: nobody measures how long reads take', async () => {
  await using observed = await startObserved({ major: 18, settings: { ...settings, track_io_timing: 'off' } })
  const evidence = await observed.watch(() => observed.server.query('select 1'))
  const { ids, findings } = await observed.adviceOf(evidence)
  expect(ids).toEqual(['O1'])
  expect(findings.get('O1')?.drafts).toMatchObject([{ parameter: 'track_io_timing', proposed: 'on' }])
})
