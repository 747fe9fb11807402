import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { isOpen, ledgerRecord } from './ledger-record.ts'
import type { LedgerRecord } from './ledger-record.ts'

const content = z.object({ version: z.literal(1), records: z.array(ledgerRecord) })

/** What was done to the indexes of this host's servers, and what dropped ones were: a file for each server. */
export interface IndexLedger {
  readonly servers: readonly string[]
  /** The oldest first. @throws PgherdError BAD_DATA where its file is damaged */
  of(server: string): readonly LedgerRecord[]
  /** Adds one, or replaces that of the same id. It is on the disk then. @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE, and as `of` */
  put(record: LedgerRecord): Promise<void>
  /** The same for what has to go on without a disk: it is told to the log, and written with the next one. @throws PgherdError as `of` */
  note(record: LedgerRecord): Promise<void>
  /** What the disk needs not know: it is written with the next one. @throws PgherdError as `of` */
  hold(record: LedgerRecord): void
}

/** Of trials that are over, and of drops that came to nothing or were taken back. */
const keptOver = 200
/** Of indexes that are dropped. */
const keptDropped = 2_000
const ending = '.json'

/** @param directory - exists, and nobody else uses it @throws PgherdError DIRECTORY_UNUSABLE */
export async function openIndexLedger(directory: string, log: Log): Promise<IndexLedger> {
  const known = new Map<string, readonly LedgerRecord[]>()
  const damaged = new Map<string, string>()
  for (const name of await filesIn(directory)) {
    const path = join(directory, name)
    const server = decodeURIComponent(name.slice(0, -ending.length))
    try {
      known.set(server, content.parse(JSON.parse(await readFile(path, 'utf8'))).records)
    } catch (error) {
      const why = `${path} is damaged, and what was done to indexes of ${server} is not known: ${messageOf(error)}`
      log.error({ path, server }, `indexes: ${why}`)
      damaged.set(server, `${why}. Nothing is changed there until it is moved away.`)
    }
  }
  const of = (server: string): readonly LedgerRecord[] => {
    const why = damaged.get(server)
    if (why !== undefined) throw new PgherdError('BAD_DATA', why)
    return known.get(server) ?? []
  }
  const withOne = (record: LedgerRecord): readonly LedgerRecord[] => {
    const all = of(record.server)
    return all.some(({ id }) => id === record.id)
      ? all.map((one) => (one.id === record.id ? record : one))
      : [...all, record]
  }
  const write = (server: string, records: readonly LedgerRecord[]): Promise<void> =>
    writeFileDurably(
      join(directory, `${encodeURIComponent(server)}${ending}`),
      JSON.stringify({ version: 1, records }),
      0o600,
    )
  return {
    get servers() {
      return [...known.keys()]
    },
    of,
    async put(record) {
      const all = kept(withOne(record))
      await write(record.server, all)
      known.set(record.server, all)
    },
    hold(record) {
      known.set(record.server, withOne(record))
    },
    async note(record) {
      const all = kept(withOne(record))
      known.set(record.server, all)
      try {
        await write(record.server, all)
      } catch (error) {
        log.error({ server: record.server, id: record.id }, `indexes: ${messageOf(error)}`)
      }
    },
  }
}

async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(ending)).sort()
  } catch (error) {
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot read ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** The newest of those about which nothing is to be done any more. */
function kept(all: readonly LedgerRecord[]): readonly LedgerRecord[] {
  const oldest = (those: readonly LedgerRecord[], most: number): readonly LedgerRecord[] =>
    those.slice(0, Math.max(0, those.length - most))
  const gone = new Set([
    ...oldest(
      all.filter((one) => !isOpen(one) && one.state !== 'dropped'),
      keptOver,
    ),
    ...oldest(
      all.filter(({ state }) => state === 'dropped'),
      keptDropped,
    ),
  ])
  return all.filter((one) => !gone.has(one))
}
