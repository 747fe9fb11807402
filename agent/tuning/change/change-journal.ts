import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { changeRecord, isOpen } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'

const content = z.object({ version: z.literal(1), changes: z.array(changeRecord) })

/** The changes of settings of this host's servers, a file for each. */
export interface ChangeJournal {
  readonly servers: readonly string[]
  /** The oldest first. @throws PgherdError BAD_DATA where its file is damaged */
  of(server: string): readonly ChangeRecord[]
  /** Adds a change or replaces that of the same id. It is on the disk then. @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE, and as `of` */
  put(record: ChangeRecord): Promise<void>
  /** The same for what has to go on without a disk: it is told to the log, and written with the next one. @throws PgherdError as `of` */
  note(record: ChangeRecord): Promise<void>
  /** What the disk needs not know: it is written with the next one. @throws PgherdError as `of` */
  hold(record: ChangeRecord): void
}

/** Of those that are over; tuning.md 5.4 (7) wants 20 at least. */
const keptChanges = 50
const ending = '.json'

/** @throws PgherdError DIRECTORY_UNUSABLE */
export async function openChangeJournal(directory: string, log: Log): Promise<ChangeJournal> {
  const changes = new Map<string, readonly ChangeRecord[]>()
  const damaged = new Map<string, string>()
  for (const name of await filesIn(directory)) {
    const path = join(directory, name)
    const server = decodeURIComponent(name.slice(0, -ending.length))
    try {
      changes.set(server, content.parse(JSON.parse(await readFile(path, 'utf8'))).changes)
    } catch (error) {
      const why = `${path} is damaged, and what was changed on ${server} is not known: ${messageOf(error)}`
      log.error({ path, server }, `tuning: ${why}`)
      damaged.set(server, `${why}. Nothing is changed there until it is moved away.`)
    }
  }
  const of = (server: string): readonly ChangeRecord[] => {
    const why = damaged.get(server)
    if (why !== undefined) throw new PgherdError('BAD_DATA', why)
    return changes.get(server) ?? []
  }
  const withOne = (record: ChangeRecord): readonly ChangeRecord[] => {
    const known = of(record.server)
    return known.some(({ id }) => id === record.id)
      ? known.map((one) => (one.id === record.id ? record : one))
      : [...known, record]
  }
  const write = (server: string, all: readonly ChangeRecord[]): Promise<void> =>
    writeFileDurably(
      join(directory, `${encodeURIComponent(server)}${ending}`),
      JSON.stringify({ version: 1, changes: all }),
      0o600,
    )
  return {
    get servers() {
      return [...changes.keys()]
    },
    of,
    async put(record) {
      const all = kept(withOne(record))
      await write(record.server, all)
      changes.set(record.server, all)
    },
    hold(record) {
      changes.set(record.server, withOne(record))
    },
    async note(record) {
      const all = kept(withOne(record))
      changes.set(record.server, all)
      try {
        await write(record.server, all)
      } catch (error) {
        log.error({ server: record.server, change: record.id }, `tuning: ${messageOf(error)}`)
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

function kept(all: readonly ChangeRecord[]): readonly ChangeRecord[] {
  const over = all.filter((one) => !isOpen(one))
  const gone = new Set(over.slice(0, Math.max(0, over.length - keptChanges)).map(({ id }) => id))
  return all.filter(({ id }) => !gone.has(id)).map(lean)
}

/** What was measured is not needed any more once it is decided. */
function lean(record: ChangeRecord): ChangeRecord {
  return isOpen(record) ? record : { ...record, baseline: null, sinceSample: null }
}
