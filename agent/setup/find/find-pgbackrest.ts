import { open, readdir } from 'node:fs/promises'
import type { FoundNeighbour } from './found.ts'
import { readIfAllowed } from './running-process.ts'

/** Where it looks itself: pgBackRest, "--config". */
const usualFiles = ['/etc/pgbackrest/pgbackrest.conf', '/etc/pgbackrest.conf']
const usualRepository = '/var/lib/pgbackrest'

/** A server whose WAL may go to pgBackRest. */
export interface ArchivingServer {
  readonly dataDirectory: string
  /** Its archive_command; empty where that is not known. */
  readonly archiveCommand: string
}

/**
 * The stanzas of these servers, by archive_command or by pgBackRest's own file.
 * @param asAgent does something with the rights of the agent's user; undefined where that cannot be tried
 */
export async function findPgbackrest(
  servers: readonly ArchivingServer[],
  asAgent: (<T>(work: () => Promise<T>) => Promise<T>) | undefined,
): Promise<readonly FoundNeighbour[]> {
  const found = new Map<string, FoundNeighbour>()
  for (const { dataDirectory, archiveCommand } of servers) {
    const isArchiver = /\bpgbackrest\b/.test(archiveCommand)
    const told = isArchiver ? /--config[= ](\S+)/.exec(archiveCommand)?.[1] : undefined
    const file = told ?? usualFiles.find((path) => readIfAllowed(path) !== undefined)
    const text = file === undefined ? '' : (readIfAllowed(file) ?? '')
    const stanza =
      (isArchiver ? /--stanza[= ](\S+)/.exec(archiveCommand)?.[1] : undefined) ??
      stanzaOf(text, dataDirectory)
    if (file === undefined || stanza === undefined) continue
    found.set(`${file} ${stanza}`, {
      what: `pgBackRest (${file}, stanza ${stanza})`,
      entry: {
        kind: 'pgbackrest',
        ...(told === undefined ? {} : { config_file: file }),
        stanza,
        interval: '2m',
      },
      lacks: await lackOf(file, text, asAgent),
    })
  }
  return [...found.values()]
}

/** The section with the server's directory. */
function stanzaOf(text: string, dataDirectory: string): string | undefined {
  for (const section of text.split(/^(?=\[)/m)) {
    const [, name] = /^\[([A-Za-z0-9_.-]+)\]/.exec(section) ?? []
    const [, path] = /^pg\d+-path\s*=\s*(.*?)\s*$/m.exec(section) ?? []
    if (name !== undefined && path === dataDirectory) return name
  }
  return undefined
}

async function lackOf(
  file: string,
  text: string,
  asAgent: (<T>(work: () => Promise<T>) => Promise<T>) | undefined,
): Promise<string | undefined> {
  if (asAgent === undefined) return 'whether the agent may read its file and repository could not be told'
  const isLocal = !/^repo\d+-(host|type)\s*=\s*(?!posix)/m.test(text)
  const repository = /^repo\d+-path\s*=\s*(.*?)\s*$/m.exec(text)?.[1] ?? usualRepository
  // Tried, as access(2) asks for the real user and not for the one whose rights are in force.
  const succeeds = (work: () => Promise<unknown>): Promise<boolean> =>
    asAgent(work).then(
      () => true,
      () => false,
    )
  const mayRead = (path: string): Promise<boolean> => succeeds(async () => (await open(path, 'r')).close())
  const closed = [
    ...((await mayRead(file)) ? [] : [file]),
    ...(!isLocal || (await succeeds(() => readdir(repository))) ? [] : [repository]),
  ]
  return closed.length === 0
    ? undefined
    : `the agent may not read ${closed.join(' and ')}: give its user the right, or run it as the servers' user (manual, 28-systemd: Backups)`
}
