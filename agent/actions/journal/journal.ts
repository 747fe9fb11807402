import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import { withDigest } from '../../../common/command/digest.ts'
import type { CommandResult } from '../../../common/command/result.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { createGroupCommit } from '../../../common/lines/group-commit.ts'
import { openLineFile } from '../../../common/lines/line-file.ts'
import type { LineFile } from '../../../common/lines/line-file.ts'
import { syncDirectory } from '../../../common/spool/file-operations.ts'
import type { FileOperations } from '../../../common/spool/file-operations.ts'
import { copyJournal } from './copy-journal.ts'
import type { MovedResult } from './copy-journal.ts'
import { createJournalMemory } from './memory.ts'
import type { JournalEntry } from './memory.ts'
import { finishedRecord, readRecord, writeRecord } from './record.ts'
import type { CommandRecord, JournalRecord } from './record.ts'

/** Which commands were here, and how they ended: why none runs twice. Everything is on the disk when its promise resolves. */
export interface Journal extends AsyncDisposable {
  find(id: string): JournalEntry | undefined
  /** The command with exactly this text, by its SHA-256. */
  byPayload(payload: string): JournalEntry | undefined
  hasNonce(nonce: string): boolean
  /** Id and nonce are taken from the call on, and free again only if it fails. @throws PgherdError OVERLOADED, and those of `started` */
  receive(command: Omit<CommandRecord, 't'>): Promise<void>
  /** @throws PgherdError DISK_FULL, DIRECTORY_UNUSABLE, BUSY */
  started(id: string): Promise<void>
  /** To be awaited before what has to be undone is done. @throws PgherdError as `started` */
  undo(id: string, noted: Readonly<Record<string, unknown>>): Promise<void>
  /** @param left what has to be undone still is */
  finished(id: string, result: CommandResult, left?: boolean): Promise<void>
  /** What was left of a command is undone, or given up. */
  settled(id: string): Promise<void>
  stored(id: string): Promise<void>
  result(id: string): Promise<CommandResult | undefined>
  /** Finished, and the collector does not have the result; the oldest first. */
  unsent(): readonly string[]
  /** Neither finished when the agent ended last time, nor begun anew. */
  readonly interrupted: readonly JournalEntry[]
  /** Finished before the agent ended last time, with something left to undo. */
  readonly unsettled: readonly JournalEntry[]
  /** How many that were let run, and that a test holds for, came in the last milliseconds. */
  recently(test: (entry: JournalEntry) => boolean, withinMs: number): number
  readonly forgottenUntilMs: number
  readonly beganMs: number
  readonly newestMs: number
  readonly size: number
}

export interface JournalOptions {
  /** Its file, in a directory that the caller has locked. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  readonly files?: FileOperations
  /** 20,000 unless told. */
  readonly maxEntries?: number
  /** Of all results; 64 MiB unless told. Beyond it the oldest lose their output. */
  readonly maxResultsBytes?: number
}

/** A result is 512 KiB at most. */
const maxLineBytes = 1 << 20
/** Dead bytes that are worth a rewriting of the file. */
const slackBytes = 1 << 20
const usualRecordBytes = 400

/** @throws PgherdError DIRECTORY_UNUSABLE */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { path, clock, log } = options
  const maxEntries = options.maxEntries ?? 20_000
  const maxResultsBytes = options.maxResultsBytes ?? 64 << 20
  const memory = createJournalMemory()
  const lineFile = (at: string, onLine: (line: string, offset: number, bytes: number) => boolean) =>
    openLineFile({
      path: at,
      maxLineBytes,
      clock,
      onLine,
      ...(options.files === undefined ? {} : { files: options.files }),
    })
  /** Lines since the last good one; when another good one follows they were not torn but damaged. */
  let bad = 0
  let damaged = 0
  let file: LineFile = await lineFile(path, (line, offset, bytes) => {
    const record = readRecord(line)
    if (record === undefined) {
      bad++
      return false
    }
    damaged += bad
    bad = 0
    memory.apply(record, offset, bytes)
    return true
  })
  if (file.torn !== undefined) {
    log.warn({ path, ...file.torn }, 'commands: the torn end of the journal was set aside')
  }

  let rewriteAtBytes = 0
  const rewrite = async () => {
    memory.forget(clock.now())
    const next = `${path}.next`
    await rm(next, { force: true })
    const fresh = await lineFile(next, () => false)
    let moved: readonly MovedResult[]
    try {
      moved = await copyJournal(memory, fresh, { readResult, nowMs: clock.now(), batchBytes: maxLineBytes })
      await rename(next, path)
      await syncDirectory(dirname(path))
    } catch (error) {
      await fresh[Symbol.asyncDispose]()
      throw error
    }
    for (const { id, offset, bytes } of moved) memory.move(id, offset, bytes)
    const old = file
    file = fresh
    rewriteAtBytes = 0
    await old[Symbol.asyncDispose]()
  }

  const readResult = async (id: string): Promise<CommandResult | undefined> => {
    const place = memory.entries.get(id)?.result
    if (place === undefined) return undefined
    const record = readRecord((await file.read(place.offset, place.bytes)).toString('utf8'))
    return record?.t === 'finished' ? record.result : undefined
  }

  const commit = createGroupCommit<JournalRecord, undefined>(
    async (records) => {
      const lines = records.map(writeRecord)
      const offsets = await file.append(lines)
      for (const [i, record] of records.entries()) {
        // Known since `receive`, which took the id and the nonce at once.
        if (record.t === 'command') continue
        memory.apply(record, offsets[i]!, Buffer.byteLength(lines[i]!))
      }
      const live = memory.resultBytes + memory.entries.size * usualRecordBytes
      if (file.bytes > Math.max(2 * live + slackBytes, rewriteAtBytes)) {
        // Whether it succeeds or not: the next one is worth while only after as much again.
        rewriteAtBytes = file.bytes + slackBytes
        await rewrite().catch((error: unknown) => {
          log.warn({ path, error: messageOf(error) }, 'commands: the journal could not be made shorter')
        })
      }
      return records.map(() => undefined)
    },
    { maxBatch: 64, maxWaiting: 1_000 },
  )

  const shorten = async () => {
    for (const [id, { result: place, undo }] of memory.entries) {
      if (memory.resultBytes <= maxResultsBytes) return
      if (place === undefined || place.bytes < 4_096) continue
      const whole = await readResult(id)
      if (whole === undefined || whole.output.length === 0) continue
      const { outcome, message, startedMs, finishedMs } = whole
      const steps = [...whole.steps.slice(0, 199), 'Its output is no longer kept on this host.']
      const result = withDigest({ outcome, message, steps, output: [], startedMs, finishedMs })
      await commit.add(finishedRecord(id, result, undo !== undefined))
    }
  }

  if (memory.beganMs === undefined || damaged > 0) {
    if (damaged > 0) {
      log.error(
        { path, damaged },
        'commands: the journal was damaged; commands that were issued before now are refused',
      )
    }
    await commit.add({ t: 'began', atMs: clock.now() })
  }
  const interrupted = [...memory.entries.values()].filter(({ state }) => state !== 'finished')

  const unsettled = [...memory.entries.values()].filter(
    ({ state, undo }) => state === 'finished' && undo !== undefined,
  )

  return {
    interrupted,
    unsettled,
    find: (id) => memory.entries.get(id),
    byPayload: (payload) => memory.byPayload(payload),
    hasNonce: (nonce) => memory.hasNonce(nonce),
    async receive(command) {
      memory.forget(clock.now())
      if (memory.entries.size >= maxEntries) {
        throw new PgherdError(
          'OVERLOADED',
          `the journal of this host remembers ${maxEntries} commands, and no more`,
        )
      }
      const record: JournalRecord = { t: 'command', ...command }
      memory.apply(record, 0, 0)
      try {
        await commit.add(record)
      } catch (error) {
        memory.remove(command.id)
        throw error
      }
    },
    started: (id) => commit.add({ t: 'started', id }),
    undo: (id, noted) => commit.add({ t: 'undo', id, noted: { ...noted } }),
    settled: (id) => commit.add({ t: 'settled', id }),
    async finished(id, result, left = false) {
      await commit.add(finishedRecord(id, result, left))
      if (memory.resultBytes > maxResultsBytes) await shorten()
    },
    async stored(id) {
      if (memory.entries.get(id)?.stored === false) await commit.add({ t: 'stored', id })
    },
    result: readResult,
    unsent: () =>
      [...memory.entries.values()]
        .filter(({ state, stored }) => state === 'finished' && !stored)
        .map(({ id }) => id),
    recently(test, withinMs) {
      const since = clock.now() - withinMs
      let count = 0
      for (const entry of memory.entries.values()) {
        if (entry.mode === 'run' && !entry.refused && entry.receivedMs > since && test(entry)) count++
      }
      return count
    },
    get forgottenUntilMs() {
      return memory.forgottenUntilMs
    },
    get beganMs() {
      return memory.beganMs ?? Infinity
    },
    get newestMs() {
      return memory.newestMs
    },
    get size() {
      return memory.entries.size
    },
    async [Symbol.asyncDispose]() {
      await commit.settled()
      await file[Symbol.asyncDispose]()
    },
  }
}
