import { appendFile, stat } from 'node:fs/promises'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { makeDirectory } from '../../../common/make-directory.ts'
import type { Bucket } from '../observe/observation.ts'
import { createBucketReader, createBucketWriter } from './bucket-lines.ts'
import type { BucketWriter } from './bucket-lines.ts'
import { dayFileOf, listDays, measureDay, readDay, tidyDays } from './day-files.ts'

/** What a server did in the last days, on disk and, while that is full, in memory. */
export interface History {
  /** Keeps one more bucket, newer than all before. It never rejects. */
  add(bucket: Bucket, system: string | null): Promise<void>
  /**
   * Those of a server that ended since then, the oldest first.
   * @param system - its identifier in pg_control: another server that was here before has another history
   * @throws PgherdError DIRECTORY_UNUSABLE
   */
  read(system: string | null, sinceMs: number): Promise<readonly Bucket[]>
  /** Of the server that was added last. */
  hours(): number
  /** Buckets that could not be written. */
  failures(): number
}

export interface HistoryOptions {
  /** Of this server alone; made when it is needed. */
  readonly directory: string
  readonly keepDays: number
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  /** Adds to the end of a file. @throws system errors */
  readonly append?: (path: string, text: string) => Promise<void>
}

const dayMs = 86_400_000
const hourMs = 3_600_000
const fineMs = 2 * dayMs
/** A month takes 2 to 5 MB: some 1500 buckets of 1 to 3 kB. */
const maxBytes = 32 << 20
/** An agent that is started again and again begins a file's part each time. */
const maxDayBytes = 4 << 20
/** Twelve hours. */
const maxUnwritten = 144

export function createHistory(options: HistoryOptions): History {
  const { directory, clock, log } = options
  const append = options.append ?? ((path, text) => appendFile(path, text, { mode: 0o600 }))
  const keep = { fineMs, keepMs: options.keepDays * dayMs, maxBytes }
  let open:
    { readonly path: string; readonly system: string | null; writer: BucketWriter; bytes: number } | undefined
  let tidied: string | undefined
  /** Each with a part of its own, so that any of them can be dropped. */
  let unwritten: string[] = []
  let isTold = false
  let failures = 0
  let hours = 0

  const isLeftOut = (error: unknown): void => {
    failures++
    if (isTold) return
    isTold = true
    log.warn(
      { directory },
      `tuning: the history cannot be written and is kept in memory, up to ${maxUnwritten / 12} hours of it: ${messageOf(error)}`,
    )
  }

  const tidy = async (system: string | null): Promise<void> => {
    const nowMs = clock.now()
    await tidyDays(directory, { system, nowMs, keep })
    hours = 0
    for (const day of await listDays(directory)) {
      hours += (await measureDay(day, system)) / hourMs
    }
  }

  const write = async (bucket: Bucket, system: string | null): Promise<void> => {
    const path = dayFileOf(directory, bucket.toMs)
    if (open?.path !== path || open.system !== system) {
      makeDirectory(directory)
      const { size } = await stat(path).catch(() => ({ size: 0 }))
      // Before anything is written for that day, so that a full disk gets room first.
      const about = `${path} ${system ?? ''}`
      if (tidied !== about) await tidy(system)
      tidied = about
      open = { path, system, writer: createBucketWriter(system), bytes: size }
    }
    // The first line break ends what a crash or a full disk has torn.
    const text = `\n${unwritten.join('')}${open.writer.lines(bucket)}`
    if (open.bytes + text.length > maxDayBytes) {
      throw new PgherdError('DISK_FULL', `${path} has more than ${maxDayBytes >> 20} MiB`)
    }
    await append(path, text)
    open.bytes += text.length
  }

  return {
    async add(bucket, system) {
      try {
        await write(bucket, system)
        if (isTold) log.info({ directory }, 'tuning: the history is written again')
        isTold = false
        unwritten = []
      } catch (error) {
        isLeftOut(error)
        open = undefined
        unwritten = [...unwritten, createBucketWriter(system).lines(bucket)].slice(-maxUnwritten)
      }
      hours += (bucket.toMs - bucket.fromMs) / hourMs
    },

    async read(system, sinceMs) {
      const buckets: Bucket[] = []
      const take = (bucket: Bucket | undefined): void => {
        if (bucket === undefined || bucket.toMs < sinceMs) return
        if (bucket.toMs > (buckets.at(-1)?.toMs ?? -Infinity)) buckets.push(bucket)
      }
      try {
        for (const day of await listDays(directory)) {
          if (day.toMs < sinceMs) continue
          await readDay(day, system, take).catch((error: unknown) => {
            if (systemCodeOf(error) !== 'ENOENT') throw error
          })
        }
      } catch (error) {
        throw new PgherdError('DIRECTORY_UNUSABLE', `cannot read ${directory}: ${messageOf(error)}`, {
          cause: error,
        })
      }
      const read = createBucketReader(system)
      for (const text of unwritten) for (const line of text.split('\n')) take(read(line))
      return buckets
    },

    hours: () => hours,
    failures: () => failures,
  }
}
