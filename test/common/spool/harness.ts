import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { openSpool } from '../../../common/spool/spool.ts'
import type { Spool, SpoolOptions } from '../../../common/spool/spool.ts'
import type { SpooledRecord } from '../../../common/spool/read-records.ts'
import type { SpoolReader } from '../../../common/spool/reader.ts'

export const day = 24 * 3_600_000

/** A directory that is gone when the test is. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pgherd-spool-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

export function openTestSpool(directory: string, options: Partial<SpoolOptions> = {}): Promise<Spool> {
  return openSpool({
    directory,
    readers: ['main'],
    maxBytes: 1 << 20,
    maxAgeMs: day,
    clock: systemClock,
    log: silentLog,
    ...options,
  })
}

/** A record whose content is a text. */
export function record(text: string, timestampMs = Date.now()) {
  return { timestampMs, payload: Buffer.from(text) }
}

/** The record that a reader has to get next. */
export async function nextOf(reader: SpoolReader): Promise<SpooledRecord | undefined> {
  return (await reader.take({ records: 1, bytes: 0 }))[0]
}

/** Everything a reader has to get, acknowledged as it comes. */
export async function drain(reader: SpoolReader, atOnce = 1): Promise<string[]> {
  const texts: string[] = []
  for (;;) {
    const taken = await reader.take({ records: atOnce, bytes: 1 << 20 })
    if (taken.length === 0) return texts
    for (const { payload } of taken) texts.push(Buffer.from(payload).toString())
    await reader.acknowledge(taken)
  }
}
