import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { inTransaction } from '../../common/in-transaction.ts'
import { storedCommand } from './stored-command.ts'
import type { StoredCommand } from './stored-command.ts'

/** A command with its texts: the signed command and the result as JSON. */
export interface CommandRow {
  readonly command: StoredCommand
  readonly signed: string
  readonly result: string | null
}

export interface CommandFilter {
  readonly node?: string
  readonly kind?: string
}

export interface RetentionLimits {
  readonly maxAgeMs: number
  readonly maxCommands: number
  /** Of commands and results as JSON. */
  readonly maxBytes: number
}

/** The commands in the fleet's database. What writes goes through `transaction`. */
export interface CommandStore {
  insert(command: StoredCommand, signed: string): void
  update(command: StoredCommand): void
  setSigned(id: string, signed: string): void
  setResult(command: StoredCommand, result: string | null): void
  /** All of it or, when it throws, nothing. @throws PgherdError DISK_FULL */
  transaction(run: () => void): void
  find(id: string): StoredCommand | undefined
  read(id: string): CommandRow | undefined
  /** Oldest first. */
  unfinished(): StoredCommand[]
  /** Newest first. */
  newest(filter: CommandFilter): Iterable<StoredCommand>
  /** Those of `ids` that are there. */
  versions(ids: readonly string[]): ReadonlyMap<string, number>
  newestVersion(): number
  /** Forgets finished commands, the oldest first; gives how many. */
  trim(limits: RetentionLimits, nowMs: number): number
}

const columns =
  'id, node, kind, state, version, signatures_needed, requested_by, queued_ms, expires_ms, deadline_ms, ' +
  'delivered_ms, started_ms, finished_ms'

export function openCommandStore(database: DatabaseSync): CommandStore {
  const insert = database.prepare(
    `INSERT INTO commands (${columns}, size, signed)
     VALUES (:id, :node, :kind, :state, :version, :signaturesNeeded, :requestedBy, :queuedMs, :expiresMs,
             :deadlineMs, :deliveredMs, :startedMs, :finishedMs, :size, :signed)`,
  )
  const update = database.prepare(
    `UPDATE commands SET state = :state, version = :version, delivered_ms = :deliveredMs, started_ms = :startedMs,
       finished_ms = :finishedMs WHERE id = :id`,
  )
  const setSigned = database.prepare('UPDATE commands SET signed = :signed WHERE id = :id')
  const setResult = database.prepare(
    'UPDATE commands SET result = :result, size = length(signed) + length(:result) WHERE id = :id',
  )
  const find = database.prepare(`SELECT ${columns} FROM commands WHERE id = ?`)
  const read = database.prepare(`SELECT ${columns}, signed, result FROM commands WHERE id = ?`)
  const unfinished = database.prepare(
    `SELECT ${columns} FROM commands WHERE finished_ms IS NULL ORDER BY seq`,
  )
  const versions = database.prepare(
    'SELECT id, version FROM commands WHERE id IN (SELECT value FROM json_each(?))',
  )
  const newestVersion = database.prepare('SELECT max(version) AS version FROM commands')
  // The sums run from the newest to the oldest; what lies behind a limit goes.
  const firstToGo = database.prepare(
    `SELECT seq FROM (
       SELECT seq, queued_ms, sum(size) OVER newest AS bytes, row_number() OVER newest AS commands
       FROM commands WINDOW newest AS (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING))
     WHERE bytes > :maxBytes OR commands > :maxCommands OR queued_ms < :oldestMs
     ORDER BY seq DESC LIMIT 1`,
  )
  const trim = database.prepare('DELETE FROM commands WHERE seq <= ? AND finished_ms IS NOT NULL')

  const transaction = (run: () => void) => {
    try {
      inTransaction(database, run)
    } catch (error) {
      throw new PgherdError('DISK_FULL', `the fleet's state cannot be written: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }

  const updateRow = ({ id, state, version, deliveredMs, startedMs, finishedMs }: StoredCommand) =>
    void update.run({ id, state, version, deliveredMs, startedMs, finishedMs })

  return {
    transaction,
    insert({ id, node, kind, state, version, ...command }, signed) {
      const { signaturesNeeded, requestedBy, queuedMs, expiresMs, deadlineMs } = command
      const { deliveredMs, startedMs, finishedMs } = command
      insert.run({
        id,
        node,
        kind,
        state,
        version,
        signaturesNeeded,
        requestedBy,
        queuedMs,
        expiresMs,
        deadlineMs,
        deliveredMs,
        startedMs,
        finishedMs,
        size: signed.length,
        signed,
      })
    },
    update: updateRow,
    setSigned: (id, signed) => void setSigned.run({ id, signed }),
    setResult(command, result) {
      updateRow(command)
      if (result !== null) setResult.run({ id: command.id, result })
    },
    find(id) {
      const row = find.get(id)
      return row === undefined ? undefined : storedCommand.parse(row)
    },
    read(id) {
      const row = read.get(id)
      if (row === undefined) return undefined
      const { signed, result } = row
      return {
        command: storedCommand.parse(row),
        signed: String(signed),
        result: result === null ? null : String(result),
      }
    },
    unfinished: () => unfinished.all().map((row) => storedCommand.parse(row)),
    *newest({ node, kind }) {
      const conditions = [
        ...(node === undefined ? [] : ['node = :node']),
        ...(kind === undefined ? [] : ['kind = :kind']),
      ]
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
      const values: Record<string, SQLInputValue> = {
        ...(node === undefined ? {} : { node }),
        ...(kind === undefined ? {} : { kind }),
      }
      const statement = database.prepare(`SELECT ${columns} FROM commands ${where} ORDER BY seq DESC`)
      for (const row of statement.iterate(values)) yield storedCommand.parse(row)
    },
    versions: (ids) =>
      new Map(versions.all(JSON.stringify(ids)).map(({ id, version }) => [String(id), Number(version)])),
    newestVersion: () => Number(newestVersion.get()?.['version'] ?? 0),
    trim({ maxAgeMs, maxCommands, maxBytes }, nowMs) {
      const row = firstToGo.get({ maxBytes, maxCommands, oldestMs: nowMs - maxAgeMs })
      if (row === undefined) return 0
      let trimmed = 0
      transaction(() => (trimmed = Number(trim.run(Number(row['seq'])).changes)))
      return trimmed
    },
  }
}
