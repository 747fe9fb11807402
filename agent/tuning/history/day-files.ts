import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { scanLines } from '../../../common/lines/scan-lines.ts'
import { systemCodeOf } from '../../../common/errors.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import type { Bucket } from '../observe/observation.ts'
import { createBucketReader, createBucketWriter, createLengthReader, isMerged } from './bucket-lines.ts'
import { createBucketMerger } from './merge-buckets.ts'

/** A day of a server in UTC: a file, so that nothing but the day that is over has to be written again. */
const pattern = /^(\d{4}-\d\d-\d\d)\.jsonl$/
const dayMs = 86_400_000
const hourMs = 3_600_000
const maxLineBytes = 256 << 10

export function dayFileOf(directory: string, atMs: number): string {
  return join(directory, `${new Date(atMs).toISOString().slice(0, 10)}.jsonl`)
}

export interface DayFile {
  readonly path: string
  readonly fromMs: number
  readonly toMs: number
}

/** The oldest first; none where there is no directory. @throws system errors */
export async function listDays(directory: string): Promise<readonly DayFile[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  return names.sort().flatMap((name) => {
    const fromMs = Date.parse(pattern.exec(name)?.[1] ?? '')
    return Number.isNaN(fromMs) ? [] : [{ path: join(directory, name), fromMs, toMs: fromMs + dayMs }]
  })
}

/** Reads a day's buckets of one server in bounded memory. @throws system errors */
export async function readDay(
  { path }: Pick<DayFile, 'path'>,
  system: string | null,
  take: (bucket: Bucket) => void,
): Promise<void> {
  await using file = await open(path, 'r')
  const read = createBucketReader(system)
  await scanLines(file, maxLineBytes, (line) => {
    const bucket = read(line)
    if (bucket !== undefined) take(bucket)
    return true
  })
}

/** How long a day's buckets of one server are together, milliseconds. @throws system errors */
export async function measureDay({ path }: Pick<DayFile, 'path'>, system: string | null): Promise<number> {
  await using file = await open(path, 'r')
  const read = createLengthReader(system)
  let sum = 0
  await scanLines(file, maxLineBytes, (line) => {
    sum += read(line)
    return true
  })
  return sum
}

/** Makes hours of a day's buckets, unless they are. Other servers' are left out. @throws PgherdError and system errors */
export async function mergeDay(day: DayFile, system: string | null): Promise<void> {
  {
    await using file = await open(day.path, 'r')
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64 << 10), 0, 64 << 10, 0)
    if (isMerged(buffer.toString('utf8', 0, bytesRead).trimStart().split('\n', 1)[0] ?? '')) return
  }
  const merger = createBucketMerger(hourMs)
  const writer = createBucketWriter(system, { merged: true })
  let text = ''
  const write = (bucket: Bucket | undefined): void => {
    if (bucket !== undefined) text += writer.lines(bucket)
  }
  await readDay(day, system, (bucket) => {
    write(merger.push(bucket))
  })
  write(merger.end())
  if (text === '') await rm(day.path, { force: true })
  else await writeFileDurably(day.path, text, 0o600)
}

export interface KeptDays {
  /** Until when they are left as they are, milliseconds. */
  readonly fineMs: number
  readonly keepMs: number
  /** Of all of them together; the oldest are dropped beyond it. */
  readonly maxBytes: number
}

/** Drops what is too old or too much, and merges what is old. @throws PgherdError and system errors */
export async function tidyDays(
  directory: string,
  {
    system,
    nowMs,
    keep,
  }: { readonly system: string | null; readonly nowMs: number; readonly keep: KeptDays },
): Promise<void> {
  const kept: { readonly day: DayFile; readonly bytes: number }[] = []
  for (const day of await listDays(directory)) {
    if (day.toMs < nowMs - keep.keepMs) {
      await rm(day.path, { force: true })
      continue
    }
    if (day.toMs < nowMs - keep.fineMs) await mergeDay(day, system)
    const { size } = await stat(day.path).catch(() => ({ size: 0 }))
    kept.push({ day, bytes: size })
  }
  let bytes = kept.reduce((sum, one) => sum + one.bytes, 0)
  for (const one of kept.slice(0, -1)) {
    if (bytes <= keep.maxBytes) return
    await rm(one.day.path, { force: true })
    bytes -= one.bytes
  }
}
