import { z } from 'zod'
import { BackupFailure } from '../backup-failure.ts'
import { askEngine } from './ask-engine.ts'
import { parseHistory } from './history-file.ts'
import type { TimelineSwitch } from './history-file.ts'
import type { EngineProgram } from './run-engine.ts'

/** What one repository holds of one database system's WAL. */
export interface ArchiveListing {
  /** Sorted by name, each once. */
  readonly segments: readonly ListedSegment[]
  /** Names of segments that are there more than once, with different content: they cannot be restored. Not among `segments`. */
  readonly twice: readonly string[]
  readonly histories: ReadonlyMap<number, readonly TimelineSwitch[]>
  readonly sizeBytes: number
}

export interface ListedSegment {
  readonly name: string
  readonly archivedMs: number
  readonly sizeBytes: number
}

export interface ArchiveLister {
  /** @param archiveId - such as `15-1` @param isFresh - nothing is taken from what was listed before @throws BackupFailure */
  list(
    asked: { readonly repository: number; readonly archiveId: string; readonly firstSegment: string | null },
    options: { readonly signal: AbortSignal; readonly isFresh?: boolean },
  ): Promise<ArchiveListing>
}

interface Directory {
  readonly segments: readonly ListedSegment[]
  readonly twice: readonly string[]
  readonly listedAt: number
}

interface Known {
  readonly archiveId: string
  readonly directories: Map<string, Directory>
  readonly histories: Map<number, readonly TimelineSwitch[]>
}

/** A directory that nothing is written to any more is looked at this often, for what was lost. */
const relistMs = 3_600_000
/** With more to list than this, all are listed at once. */
const fewDirectories = 4
/** Half a million segments; beyond, directories are listed one by one. */
const maxBytes = 64 * 1024 * 1024

const listing = z.record(
  z.string(),
  z.object({ type: z.string(), size: z.number().optional(), time: z.number().optional() }),
)
type Listing = z.output<typeof listing>

const directoryName = /^[0-9A-F]{16}$/
const historyName = /^([0-9A-F]{8})\.history$/
/** With the checksum of its content, and compressed or not; not `.partial`, which is no whole segment. */
const segmentFile = /^(?:[0-9A-F]{16}\/)?([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?$/

/**
 * Lists archives, directory by directory: what was listed is remembered, and only directories that may have changed are asked for
 * again: of each timeline the last one, the one from which segments expire, and each once an hour.
 */
export function createArchiveLister(program: EngineProgram): ArchiveLister {
  const repositories = new Map<number, Known>()
  return {
    async list({ repository, archiveId, firstSegment }, { signal, isFresh = false }) {
      let known = repositories.get(repository)
      if (known === undefined || isFresh || known.archiveId !== archiveId) {
        known = { archiveId, directories: new Map(), histories: new Map() }
        repositories.set(repository, known)
      }
      const path = `archive/${program.stanza}/${archiveId}`
      const ask = async (below: string, more: readonly string[]): Promise<Listing> => {
        const args = [`${path}${below}`, '--output=json', `--repo=${repository}`, ...more]
        return readListing(await askEngine(program, 'repo-ls', args, { signal, maxBytes }))
      }
      const now = program.clock.monotonic()
      const top = await ask('', [])
      const names = Object.keys(top)
        .filter((name) => directoryName.test(name))
        .sort()
      for (const name of known.directories.keys()) if (!(name in top)) known.directories.delete(name)
      const stale = names.filter((name, index) => {
        const before = known.directories.get(name)
        const isLast = names[index + 1]?.slice(0, 8) !== name.slice(0, 8)
        return (
          before === undefined ||
          isLast ||
          firstSegment?.startsWith(name) === true ||
          now - before.listedAt >= relistMs
        )
      })
      const all = stale.length > fewDirectories ? await askAll(ask) : undefined
      for (const name of stale) {
        const files = all === undefined ? Object.entries(await ask(`/${name}`, [])) : (all.get(name) ?? [])
        known.directories.set(name, { ...readDirectory(files), listedAt: now })
      }
      for (const name of Object.keys(top)) {
        const timeline = Number.parseInt(historyName.exec(name)?.[1] ?? '', 16)
        if (Number.isNaN(timeline) || known.histories.has(timeline)) continue
        const args = [`${path}/${name}`, `--repo=${repository}`]
        const text = await askEngine(program, 'repo-get', args, { signal, maxBytes: 1024 * 1024 })
        known.histories.set(timeline, parseHistory(text))
      }
      const directories = names.flatMap((name) => known.directories.get(name) ?? [])
      const segments = directories.flatMap((directory) => directory.segments)
      return {
        segments,
        twice: directories.flatMap(({ twice }) => twice),
        histories: known.histories,
        sizeBytes: segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      }
    },
  }
}

type Files = [string, Listing[string]][]

/** By directory; undefined where that is too much for one answer. */
async function askAll(
  ask: (below: string, more: readonly string[]) => Promise<Listing>,
): Promise<ReadonlyMap<string, Files> | undefined> {
  let entries: Listing
  try {
    entries = await ask('', ['--recurse'])
  } catch (error) {
    if (error instanceof BackupFailure && error.problem === 'other') return undefined
    throw error
  }
  const all = new Map<string, Files>()
  for (const entry of Object.entries(entries)) {
    const [directory = ''] = entry[0].split('/', 1)
    const files = all.get(directory) ?? []
    if (files.length === 0) all.set(directory, files)
    files.push(entry)
  }
  return all
}

function readListing(text: string): Listing {
  try {
    return listing.parse(JSON.parse(text))
  } catch (error) {
    throw new BackupFailure('other', "pgBackRest's repo-ls answers what is no listing", { cause: error })
  }
}

function readDirectory(files: Files): Omit<Directory, 'listedAt'> {
  const segments = new Map<string, ListedSegment>()
  const twice = new Set<string>()
  for (const [path, { size = 0, time = 0 }] of files) {
    const name = segmentFile.exec(path)?.[1]
    if (name === undefined) continue
    if (segments.has(name)) twice.add(name)
    segments.set(name, { name, archivedMs: time * 1000, sizeBytes: size })
  }
  for (const name of twice) segments.delete(name)
  const sorted = [...segments.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { segments: sorted, twice: [...twice].sort() }
}
