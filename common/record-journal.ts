import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PgherdError, messageOf } from './errors.ts'
import type { Log } from './log.ts'
import { writeFileDurably } from './write-file-durably.ts'

/** What was done to one of this host's servers. */
export interface JournalRecord {
  readonly id: string
  readonly server: string
}

/** What was done to this host's servers: a file for each. */
export interface RecordJournal<T extends JournalRecord> {
  readonly servers: readonly string[]
  /** The oldest first. @throws PgherdError BAD_DATA where its file is damaged */
  of(server: string): readonly T[]
  /** Adds one, or replaces that of the same id. It is on the disk then. @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE, and as `of` */
  put(record: T): Promise<void>
  /** The same for what has to go on without a disk: it is told to the log, and written with the next one. @throws PgherdError as `of` */
  note(record: T): Promise<void>
  /** What the disk needs not know: it is written with the next one. @throws PgherdError as `of` */
  hold(record: T): void
}

export interface RecordJournalOptions<T extends JournalRecord> {
  /** Exists, and nobody else uses it. */
  readonly directory: string
  readonly log: Log
  /** In front of what is told to the log. */
  readonly part: string
  /** What is not known of a server whose file is damaged. */
  readonly lostOf: (server: string) => string
  /** The content of a file, as JSON has it. What it throws means that the file is damaged. */
  readonly parse: (content: unknown) => readonly T[]
  readonly print: (records: readonly T[]) => unknown
  /** What is worth keeping of them. */
  readonly kept: (records: readonly T[]) => readonly T[]
}

const ending = '.json'

/** @throws PgherdError DIRECTORY_UNUSABLE */
export async function openRecordJournal<T extends JournalRecord>(
  options: RecordJournalOptions<T>,
): Promise<RecordJournal<T>> {
  const { directory, log, part, kept } = options
  const known = new Map<string, readonly T[]>()
  const damaged = new Map<string, string>()
  for (const name of await filesIn(directory)) {
    const path = join(directory, name)
    const server = decodeURIComponent(name.slice(0, -ending.length))
    try {
      known.set(server, options.parse(JSON.parse(await readFile(path, 'utf8'))))
    } catch (error) {
      const why = `${path} is damaged, and ${options.lostOf(server)} is not known: ${messageOf(error)}`
      log.error({ path, server }, `${part}: ${why}`)
      damaged.set(server, `${why}. Nothing is changed there until it is moved away.`)
    }
  }
  const of = (server: string): readonly T[] => {
    const why = damaged.get(server)
    if (why !== undefined) throw new PgherdError('BAD_DATA', why)
    return known.get(server) ?? []
  }
  const withOne = (record: T): readonly T[] => {
    const all = of(record.server)
    return all.some(({ id }) => id === record.id)
      ? all.map((one) => (one.id === record.id ? record : one))
      : [...all, record]
  }
  const write = (server: string, records: readonly T[]): Promise<void> =>
    writeFileDurably(
      join(directory, `${encodeURIComponent(server)}${ending}`),
      JSON.stringify(options.print(records)),
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
        log.error({ server: record.server, id: record.id }, `${part}: ${messageOf(error)}`)
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
