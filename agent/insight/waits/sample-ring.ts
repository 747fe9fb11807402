import { appendFile, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { oneAtATime } from '../../../common/one-at-a-time.ts'
import { nextTurn } from '../../../common/turn.ts'

/** One session as one sample saw it, with names. */
const keptSession = z.tuple([
  z.number().describe('pid'),
  z.string().describe('datname'),
  z.string().describe('usename'),
  z.string().describe('application'),
  z.string().describe('wait_event_type'),
  z.string().describe('wait_event'),
  z.string().describe('query id'),
  z.number().nullable().describe('seconds since the statement began'),
  z.string().describe('the relation whose lock is waited for'),
])
export type KeptSession = z.infer<typeof keptSession>

/** When, in milliseconds since the epoch; for how many seconds it stands; how many worked; and those that are told. */
const keptSample = z.tuple([z.number(), z.number(), z.number(), z.array(keptSession)])
export type KeptSample = z.infer<typeof keptSample>

/** The samples of the last hour in full, in files on this host: nobody else has who exactly waited for what. */
export interface SampleRing {
  /** Never throws or waits; on the disk some seconds later. */
  add(sample: KeptSample): void
  /** Writes what is only in memory, and removes what is too old. Never rejects. */
  flush(): Promise<void>
  /** Those since then, in order. @throws what reading throws */
  read(sinceMs: number): Promise<readonly KeptSample[]>
  /** Samples without a place: more than so many bytes in five minutes, or a full disk. */
  readonly dropped: number
}

export const ringMs = 3_600_000
const fileMs = 300_000
/** Of one file; of all together that is 16 MiB. */
const maxFileBytes = 1_258_291

/** Read without a look at what else there is to do. */
const linesAtOnce = 20

const prefix = 'waits-'
const suffix = '.jsonl'

export function createSampleRing(options: {
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
}): SampleRing {
  const { directory, clock, log } = options
  let lines: string[] = []
  let waitingBytes = 0
  let file = { startMs: -1, bytes: 0 }
  let dropped = 0
  let failed = false

  const pathOf = (startMs: number): string => join(directory, `${prefix}${startMs}${suffix}`)
  const files = async (): Promise<readonly number[]> =>
    (await readdir(directory))
      .filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
      .map((name) => Number(name.slice(prefix.length, -suffix.length)))
      .filter(Number.isSafeInteger)
      .sort((a, b) => a - b)

  const write = async (): Promise<void> => {
    if (lines.length === 0) return
    const text = lines.join('')
    const count = lines.length
    lines = []
    waitingBytes = 0
    const nowMs = clock.now()
    const startMs = nowMs - (nowMs % fileMs)
    if (file.startMs !== startMs) {
      for (const one of await files()) {
        // What a clock that was set back has left would else stay for ever.
        if (one < nowMs - ringMs - fileMs || one > nowMs + fileMs) await rm(pathOf(one), { force: true })
      }
      file = { startMs, bytes: 0 }
    }
    if (file.bytes + text.length > maxFileBytes) {
      dropped += count
      return
    }
    // Without a sync: what a power cut takes from it is some seconds.
    await appendFile(pathOf(startMs), text, { mode: 0o600 })
    file.bytes += Buffer.byteLength(text)
  }
  const writeOrDrop = async (): Promise<void> => {
    const count = lines.length
    try {
      await write()
    } catch (error) {
      dropped += count
      if (!failed) log.warn(`insight: samples of waits could not be kept: ${messageOf(error)}`)
      failed = true
    }
  }

  const flush = oneAtATime(writeOrDrop)

  return {
    add(sample) {
      const line = `${JSON.stringify(sample)}\n`
      if (waitingBytes + line.length > maxFileBytes) {
        dropped++
        return
      }
      lines.push(line)
      waitingBytes += line.length
    },
    flush,
    async read(sinceMs) {
      await flush()
      const samples: KeptSample[] = []
      for (const startMs of await files()) {
        if (startMs + fileMs < sinceMs) continue
        for (const [i, line] of (await readText(pathOf(startMs))).split('\n').entries()) {
          const sample = readLine(line)
          if (sample !== undefined && sample[0] >= sinceMs) samples.push(sample)
          // An hour of many sessions takes seconds, and measuring must go on.
          if (i % linesAtOnce === 0) await nextTurn()
        }
      }
      return samples
    },
    get dropped() {
      return dropped
    },
  }
}

/** Undefined for a line that was not written as a whole. */
function readLine(line: string): KeptSample | undefined {
  try {
    return keptSample.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** It may have become too old meanwhile. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return ''
    throw error
  }
}
