import { open, readFile, readlink, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { ResultTable } from '../../postgres/result-table.ts'
import type { SettingsSession } from '../read-settings.ts'
import { crossChecked, estimateSharedMemory } from './cross-checks.ts'
import type { SharedMemoryNow } from './memory-checks.ts'

const readMs = 5_000
const insufficientPrivilege = '42501'

const aboutFiles = `
select current_setting('data_directory'),
       current_setting('config_file'),
       (select system_identifier from pg_control_system()),
       (select setting::bigint * case unit when 'B' then 1 else 8192 end from pg_settings where name = 'wal_segment_size'),
       (select setting::bigint * 1048576 from pg_settings where name = 'shared_memory_size'),
       (select setting from pg_settings where name = 'shared_memory_size_in_huge_pages'),
       case when current_setting('huge_pages') = 'try' then current_setting('huge_pages_status', true)
            else current_setting('huge_pages') end,
       current_setting('port')`

const onCommandLine = `
select name, setting from pg_settings
 where source = 'command line' and context <> 'internal' and name not in ('config_file', 'data_directory')`

const valuesOf = `select name, setting from pg_settings where name = any ($1::text[])`

/** A server of this host, and who and what could try its settings. */
export interface RunningServer {
  readonly versionNumber: number
  readonly inRecovery: boolean
  readonly dataDirectory: string
  readonly configFile: string
  /** Of its postmaster. */
  readonly pid: number
  /** `postgres` as it would be started next. */
  readonly program: string
  /** Whose the data directory is; null where that is who runs this program. */
  readonly user: { readonly uid: number; readonly gid: number } | null
  /** In pg_settings' unit and spelling; it wins over every file. */
  readonly commandLine: ReadonlyMap<string, string>
  readonly segmentBytes: number
  readonly sharedMemory: SharedMemoryNow
}

/**
 * Finds the server of a session on this host: its files by what it says, its program by its process.
 * @returns half a sentence where it is not here, or this program may not act as its owner
 * @throws PgherdError of the session
 */
export async function findRunningServer(session: SettingsSession): Promise<RunningServer | string> {
  const told = await readOrRefused(session)
  if (typeof told === 'string') return told
  const { about, commandLine, values } = told
  const [dataDirectory, configFile, systemIdentifier, segment, shared, hugePages, status, port] = about
  if (!dataDirectory || !configFile || !systemIdentifier)
    return 'the server does not tell where its files are'
  try {
    const { uid, gid } = await stat(dataDirectory)
    const own = process.getuid?.()
    if (own !== uid && own !== 0) return `this agent is neither root nor the owner of ${dataDirectory}`
    if (uid === 0) return `${dataDirectory} is root's`
    if ((await identifierIn(dataDirectory)) !== systemIdentifier)
      return `${dataDirectory} of this host is another server's`
    const { pid, port: itsPort } = await processOn(dataDirectory)
    if (itsPort !== port) return `another server works on ${dataDirectory} of this host`
    const program = await programOf(pid)
    if (program === undefined) return `no process of this host works on ${dataDirectory}`
    return {
      versionNumber: session.versionNumber,
      inRecovery: session.inRecovery,
      dataDirectory,
      configFile,
      pid,
      program,
      user: own === uid ? null : { uid, gid },
      commandLine,
      segmentBytes: Number(segment),
      sharedMemory: {
        bytes: shared == null ? estimateSharedMemory(values) : Number(shared),
        hugePages: hugePages == null || Number(hugePages) < 0 ? null : Number(hugePages),
        usesHugePages: status === 'on' ? true : status === 'off' ? false : null,
      },
    }
  } catch (error) {
    return `its files cannot be read here: ${messageOf(error)}`
  }
}

async function readOrRefused(session: SettingsSession) {
  try {
    const [about = []] = (await session.read({ text: aboutFiles }, readMs)).rows
    const { rows } = await session.read({ text: onCommandLine }, readMs)
    const known = await session.read({ text: valuesOf, values: [crossChecked] }, readMs)
    return { about, commandLine: byName(rows), values: byName(known.rows) }
  } catch (error) {
    if (!(error instanceof PgherdError) || error.details['sqlstate'] !== insufficientPrivilege) throw error
    return 'this role may not read where its files are (pg_read_all_settings, which pg_monitor has)'
  }
}

function byName(rows: ResultTable['rows']): ReadonlyMap<string, string> {
  return new Map(rows.map(([name, value]) => [name ?? '', value ?? '']))
}

/** The first field of pg_control, in the byte order of the machine (ControlFileData in PostgreSQL's pg_control.h). */
async function identifierIn(dataDirectory: string): Promise<string> {
  await using file = await open(join(dataDirectory, 'global/pg_control'))
  const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0)
  return String(new BigUint64Array(buffer.buffer, buffer.byteOffset, 1)[0])
}

/** The first and the fourth line of postmaster.pid ("pidfile.h" in PostgreSQL's source): a copy has the same identifier. */
async function processOn(
  dataDirectory: string,
): Promise<{ readonly pid: number; readonly port: string | undefined }> {
  const lines = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')
  return { pid: Number(lines[0]), port: lines[3]?.trim() }
}

/** The program of a postmaster, which an upgrade of the package may have replaced meanwhile; undefined where it is none. */
async function programOf(pid: number): Promise<string | undefined> {
  if (!Number.isInteger(pid) || pid < 2) return undefined
  const program = (await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')
  return ['postgres', 'postmaster'].includes(basename(program)) ? program : undefined
}
