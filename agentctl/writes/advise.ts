import { printAbout, printShare } from '../../common/tuning/print-size.ts'
import { isUnused } from './write-load.ts'
import type { TableWrites, WriteLoad } from './write-load.ts'

/** What would make less WAL. */
export interface WriteAdvice {
  /** One sentence that says what to do. */
  readonly what: string
  /** With figures. */
  readonly why: string
  /** Command lines that look further or do it, as they are typed. */
  readonly commands: readonly string[]
  /** Estimated, within the range. */
  readonly savesBytes: number
}

/** Below this part of the WAL nothing is worth a change. */
const worth = 0.03
/** Part of the WAL of one statement from which on it is told. */
const large = 0.2
const indexesNamed = 5

/** What to do about it, what saves most first. */
export function adviseWrites(load: WriteLoad): readonly WriteAdvice[] {
  return [
    ...aboutUnused(load),
    ...aboutCheckpoints(load),
    ...load.tables.flatMap((table) => aboutUpdates(load, table)),
    ...aboutStatements(load),
  ].toSorted((a, b) => b.savesBytes - a.savesBytes)
}

function aboutUnused({ cluster, indexes, wal }: WriteLoad): readonly WriteAdvice[] {
  const unused = indexes.filter(isUnused)
  const bytes = unused.reduce((sum, { walBytes }) => sum + walBytes, 0)
  if (bytes < worth * wal.bytes || unused.length === 0) return []
  const names = unused.slice(0, indexesNamed).map(({ index }) => index)
  const more = unused.length - names.length
  return [
    {
      what: `Look whether ${unused.length === 1 ? 'an index' : `${unused.length} indexes`} that nobody scans can go: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
      why: `Writing them made ${about(bytes, wal.bytes)}, and no member of ${cluster} has scanned them since its statistics were reset. Updates of their columns can be in place without them.`,
      commands: [`agentctl index list ${cluster} --finding unused`],
      savesBytes: bytes,
    },
  ]
}

/**
 * WAL that is written since the last checkpoint begins the next one when it is max_wal_size / (1 + checkpoint_completion_target)
 * (CalculateCheckpointSegments in src/backend/access/transam/xlog.c); a quarter is for hours that write more.
 */
function maxWalSizeFor(bytesPerSecond: number, timeoutSeconds: number, completionTarget: number): number {
  const bytes = bytesPerSecond * timeoutSeconds * (1 + completionTarget) * 1.25
  const step = bytes > 16 * 1024 ** 3 ? 4 * 1024 ** 3 : 1024 ** 3
  return Math.ceil(bytes / step) * step
}

/** Long enough that few pages are imaged twice, short enough for a recovery that people wait for. */
const calmTimeoutSeconds = 900

function aboutCheckpoints(load: WriteLoad): readonly WriteAdvice[] {
  const { server, wal, seconds, checkpoints } = load
  const { timed, requested, timeoutSeconds, completionTarget, maxWalBytes } = checkpoints
  if (timeoutSeconds === null || maxWalBytes === null) return []
  const images = (wal.imageShare ?? 0) * wal.bytes
  const every = seconds / Math.max(1, timed + requested)
  // A page that is changed all the time is imaged once by each checkpoint.
  const savedBy = (toSeconds: number): number => Math.max(0, images * (1 - every / toSeconds))
  const commands = [`agentctl tune advise ${server}`]
  if (requested >= 2 && requested > 0.2 * (timed + requested)) {
    const wanted = Math.max(
      maxWalBytes,
      maxWalSizeFor(wal.bytes / seconds, timeoutSeconds, completionTarget ?? 0.9),
    )
    const enlarge =
      wanted > maxWalBytes
        ? `Raise max_wal_size from ${printAbout(maxWalBytes)} to ${printAbout(wanted)}`
        : 'Find out who requests checkpoints (CHECKPOINT, backups, CREATE DATABASE), or whether bursts fill max_wal_size'
    return [
      {
        what: `${enlarge}: ${requested} of ${timed + requested} checkpoints were requested before they were due.`,
        why: `There was one in ${printSeconds(every)}, where checkpoint_timeout is ${printSeconds(timeoutSeconds)}; after each, the first change of every page logs the whole page${images > 0 ? `, ${about(images, wal.bytes)}` : ''}. More WAL is kept on disk, and a recovery after a crash takes longer.`,
        commands,
        savesBytes: savedBy(timeoutSeconds),
      },
    ]
  }
  if (images < 0.5 * wal.bytes || timeoutSeconds >= calmTimeoutSeconds) return []
  return [
    {
      what: `Raise checkpoint_timeout from ${printSeconds(timeoutSeconds)} to ${printSeconds(calmTimeoutSeconds)}, with a max_wal_size that lets it last (${printAbout(maxWalSizeFor(wal.bytes / seconds, calmTimeoutSeconds, completionTarget ?? 0.9))}), or set wal_compression.`,
      why: `Whole pages after checkpoints are ${about(images, wal.bytes)}. A recovery after a crash takes longer.`,
      commands,
      savesBytes: savedBy(calmTimeoutSeconds),
    },
  ]
}

function aboutUpdates(load: WriteLoad, table: TableWrites): readonly WriteAdvice[] {
  const { updated, hotUpdated, inserted, movedToNewPage, indexWalBytes, fillfactor } = table
  const outOfPlace = updated - hotUpdated
  const ofUpdates = outOfPlace === 0 ? 0 : (indexWalBytes * outOfPlace) / (outOfPlace + inserted)
  if (updated < 100 || outOfPlace < 0.5 * updated || ofUpdates < worth * load.wal.bytes) return []
  const own = load.indexes.filter((index) => index.table === table.table && index.database === table.database)
  const share = printShare(hotUpdated / updated)
  const why = `${share} of ${updated} updates left the indexes alone; the others wrote each of them, ${about(ofUpdates, load.wal.bytes)}.`
  const room = `ALTER TABLE ${table.table} SET (fillfactor = ${fillfactorFor(table)}); it holds for new pages, and for all after a rewrite`
  const hadNoRoom = movedToNewPage !== null && movedToNewPage > 0.5 * outOfPlace
  const mayLackRoom = fillfactor > 80 && (hadNoRoom || movedToNewPage === null)
  const idle = own.filter(isUnused)
  const ofIdle = idle.reduce((sum, { walBytes }) => sum + walBytes, 0)
  const columns = `Look which of the ${own.length} indexes of ${table.table} have columns that updates change${idle.length > 0 ? ` (${idle.length} of them are never scanned)` : ''}: only where none has is an update in place.`
  const isRoomAlone = own.length <= 1 && mayLackRoom
  return [
    {
      what: isRoomAlone
        ? `Leave room for updates in the pages of ${table.table}: ${room}.`
        : `${columns}${mayLackRoom ? ` Then leave room in its pages: ${room}.` : ''}`,
      why: hadNoRoom ? `${why} For ${movedToNewPage} of them there was no room in the page.` : why,
      commands: [`agentctl index list ${load.cluster} --database ${table.database}`],
      // Less those that have an advice of their own; of the rest some columns will have to be indexed.
      savesBytes: 0.5 * Math.max(0, ofUpdates - ofIdle),
    },
  ]
}

/** Room for one more version of each row in ten that a page has, and more where it has few. */
function fillfactorFor({ rowBytes }: TableWrites): number {
  const rows = 8168 / Math.max(28, rowBytes + 4)
  return rows >= 20 ? 90 : rows >= 8 ? 80 : 70
}

function aboutStatements({ cluster, statements, wal }: WriteLoad): readonly WriteAdvice[] {
  const [first] = statements.filter(({ query }) => query !== 'other')
  if (first === undefined || first.walBytes < large * wal.bytes) return []
  return [
    {
      what: `See whether statement ${first.query} has to write so much, or so often.`,
      why: `It made ${about(first.walBytes, wal.bytes)} in ${first.calls === 1 ? 'one call' : `${first.calls} calls`}.`,
      commands: [`agentctl queries show ${first.query} -c ${cluster}`],
      // What it could save nobody knows from here.
      savesBytes: 0,
    },
  ]
}

function about(bytes: number, of: number): string {
  return `about ${printAbout(bytes)}, ${printShare(of === 0 ? 0 : bytes / of)} of the WAL`
}

/** `5min`, `90s`: as PostgreSQL takes them. */
function printSeconds(seconds: number): string {
  return seconds >= 120 && seconds % 60 < 1 ? `${Math.round(seconds / 60)}min` : `${Math.round(seconds)}s`
}
