import { chown, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { messageOf } from '../../../common/errors.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { BackupFailure } from '../backup-failure.ts'
import { makeEmptyDirectory } from '../engine/empty-directory.ts'
import { createRate } from '../engine/rate.ts'
import { runGroup } from '../engine/run-group.ts'
import type { GroupInput } from '../engine/run-group.ts'
import type { EngineRun, RestoreRequest } from '../engine.ts'
import type { BackupRecord } from './backup-record.ts'
import { createArchiveCheck } from './check-archive.ts'
import { chooseRecord } from './choose-record.ts'
import { readManifest } from './manifest.ts'
import type { BasebackupOptions } from './options.ts'
import { recoverySettings } from './recovery-settings.ts'
import { hashStored, readStored, storedFiles } from './stored-files.ts'
import type { StoredFile } from './stored-files.ts'
import { tablespacePlaces } from './tablespace-places.ts'

/**
 * Fills an empty directory. Each file is compared with PostgreSQL's manifest on its way, so that what is restored is what was
 * backed up.
 * @throws BackupFailure target-unreachable for all but the end of the backup, before anything is touched; checksum; scratch-full;
 *   PgherdError CANCELLED
 */
export async function restore(
  options: BasebackupOptions,
  request: RestoreRequest,
  run: EngineRun,
): Promise<void> {
  const { directory } = request
  const owner = options.user ?? undefined
  if (!isAbsolute(directory)) throw new BackupFailure('configuration', `${directory} is no absolute path`)
  const record = await chooseRecord(options, request)
  const place = join(options.directory, record.label)
  const manifest = await readManifest(place)
  const archives = await storedFiles(place)
  const wal = archives.find(({ name }) => name === record.walFile.name)
  if (wal === undefined || (await hashStored(wal.path)) !== record.walFile.sha256) {
    throw new BackupFailure(
      'checksum',
      `${record.label}: ${record.walFile.name}, the log, is missing or damaged`,
    )
  }
  await makeEmptyDirectory(directory, owner)
  const problems: string[] = []
  const check = createArchiveCheck(manifest, (text) => problems.push(text))
  const tell = teller(options, record, run)
  const unpack = async (archive: StoredFile, into: string): Promise<void> => {
    const input: GroupInput = [...readStored(archive, tell), check.through(archive)]
    await runTar(options, into, input, { ...run, what: `${record.label}: ${archive.name}` })
    if (problems.length === 0) return
    throw new BackupFailure('checksum', `${record.label}: ${problems.slice(0, 5).join('; ')}`)
  }
  for (const archive of archives.filter(({ kind }) => kind === 'base')) await unpack(archive, directory)
  const places = tablespacePlaces(await readIfThere(join(directory, 'tablespace_map')), record, request)
  for (const archive of archives.filter(({ kind }) => kind === 'tablespace')) {
    const to = places.get(archive.oid ?? '')
    if (to === undefined) {
      throw new BackupFailure(
        'checksum',
        `${record.label}: ${archive.name} is of no tablespace that it knows`,
      )
    }
    await makeOwned(to, owner)
    await makeEmptyDirectory(to, owner)
    await unpack(archive, to)
    await symlink(to, join(directory, 'pg_tblspc', archive.oid ?? ''))
  }
  await unpack(wal, join(directory, 'pg_wal'))
  const [missing] = check.missing()
  if (missing !== undefined) throw new BackupFailure('checksum', `${record.label}: ${missing} is missing`)
  // The server would make its links again, to the places of the one that was backed up.
  await rm(join(directory, 'tablespace_map'), { force: true })
  // That of a standby, which would follow the primary rather than end its recovery.
  await rm(join(directory, 'standby.signal'), { force: true })
  const auto = join(directory, 'postgresql.auto.conf')
  await writeFileDurably(auto, `${await readIfThere(auto)}${recoverySettings(request)}`, 0o600, owner)
  await writeFileDurably(join(directory, 'recovery.signal'), '', 0o600, owner)
}

/** @see https://www.gnu.org/software/tar/manual/ */
async function runTar(
  { clock, nice, user, patienceMs }: BasebackupOptions,
  into: string,
  input: GroupInput,
  run: EngineRun & { readonly what: string },
): Promise<void> {
  let said = ''
  const tar = { command: ['tar'], nice, user: user ?? undefined, clock, patienceMs }
  try {
    const end = await runGroup(
      tar,
      ['--extract', '--preserve-permissions', '--file=-', `--directory=${into}`],
      {
        ...run,
        what: 'the restore',
        input,
        onOutput: () => undefined,
        onErrors: (part) => (said = `${said}${part.toString()}`.slice(0, 2_000)),
      },
    )
    if (end.status === 0) return
  } catch (error) {
    if (error instanceof BackupFailure || run.signal.aborted) throw error
    throw new BackupFailure('checksum', `${run.what} cannot be read to its end: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const isFull = /No space left on device|Disk quota exceeded/.test(said)
  throw new BackupFailure(isFull ? 'scratch-full' : 'other', `${run.what}: ${said.split('\n')[0] ?? ''}`)
}

/** With what is missing above it, all of it the owner's. */
async function makeOwned(
  directory: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 })
  if (first === undefined || owner === undefined) return
  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    await chown(made, owner.uid, owner.gid)
  }
}

function teller({ clock }: BasebackupOptions, record: BackupRecord, run: EngineRun): (count: number) => void {
  const rateOf = createRate(clock)
  let bytes = 0
  let toldMs = -Infinity
  return (count) => {
    bytes += count
    if (run.progress === undefined || clock.monotonic() - toldMs < 500) return
    toldMs = clock.monotonic()
    const share = record.storedBytes === 0 ? 1 : bytes / record.storedBytes
    const rate = rateOf(share * record.sizeBytes)
    run.progress(Math.min(100, share * 100), `restores backup ${record.label}`, rate)
  }
}

function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
