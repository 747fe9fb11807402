import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { readInvocation } from '../common/config/command-line.ts'
import type { Invocation } from '../common/config/command-line.ts'
import { printBytes } from '../common/config/kinds.ts'
import { PgherdError } from '../common/errors.ts'
import { lockDirectory } from '../common/lock-directory.ts'
import { makeDirectory } from '../common/make-directory.ts'
import { addWord, createSubprogram, runSubprogram } from '../common/subprogram.ts'
import { collectorProgram } from './config.ts'
import { configurationFiles } from './configuration-files.ts'
import { keepNewest, listBackups, removeUnfinished } from './state-backup/backup-folder.ts'
import { manifestName, readManifest } from './state-backup/manifest.ts'
import { restoreBackup } from './state-backup/restore-backup.ts'
import { verifyBackup } from './state-backup/verify-backup.ts'
import { writeBackup } from './state-backup/write-backup.ts'
import { takeOption } from './take-option.ts'
import { trustDirectory } from './trust.ts'

export interface BackupInvocation extends Pick<Invocation, 'argv' | 'environment'> {
  readonly clock: Clock
  readonly print: (line: string) => void
  /** For people: progress. */
  readonly complain: (line: string) => void
}

/**
 * `pgherd-collector backup --to FOLDER [--keep COUNT]` makes a backup in a folder of backups, beside the running collector;
 * `backup verify BACKUP` reads one back.
 * @throws PgherdError USAGE, CONFIG_INVALID, DIRECTORY_LOCKED, DIRECTORY_UNUSABLE, DISK_FULL, STORE_CORRUPT
 */
export async function runBackup(invocation: BackupInvocation): Promise<number> {
  const { argv, print, complain } = invocation
  if (argv[0] === 'verify') return await verify(invocation)
  const to = takeOption(argv, '--to')
  const keep = takeOption(to.argv, '--keep')
  const asked = readInvocation(
    {
      ...collectorProgram,
      name: `${collectorProgram.name} backup`,
      what:
        'Copies all that a collector needs to go on elsewhere, also while it runs: metrics, fleet, commands and audit, the authority and its keys, configuration. ' +
        '--to FOLDER is where each backup gets a folder of its own, which shares unchanged blocks with the one before; --keep COUNT removes older ones. ' +
        'It contains secrets. backup verify BACKUP reads one back.',
      commands: {},
    },
    { ...invocation, argv: keep.argv },
  )
  if (asked === undefined) return 0
  if (to.value === undefined) throw new PgherdError('USAGE', 'give --to, the folder for backups')
  const kept = keep.value === undefined ? undefined : Number(keep.value)
  if (kept !== undefined && !(Number.isInteger(kept) && kept >= 1 && kept <= 10_000))
    throw new PgherdError('USAGE', `--keep was ${keep.value}; allowed: 1 to 10000`)
  const { config } = asked
  const directory = resolve(config['store.directory'])
  const folder = resolve(to.value)
  if (!existsSync(directory))
    throw new PgherdError('NOT_FOUND', `there is no collector's directory ${directory} (store.directory)`)
  if (!['fleet.sqlite', 'metrics'].some((name) => existsSync(join(directory, name))))
    throw new PgherdError(
      'NOT_FOUND',
      `${directory} (store.directory) is no collector's: it has neither fleet.sqlite nor metrics`,
    )
  if (!relative(directory, folder).startsWith('..'))
    throw new PgherdError(
      'USAGE',
      `--to was ${folder}, which is inside of ${directory}, of which it is to be a copy`,
    )
  makeDirectory(folder)
  using stack = new DisposableStack()
  stack.use(await lockDirectory(folder))
  for (const left of await removeUnfinished(folder)) complain(`removed ${left}, which was never finished`)
  const createdMs = invocation.clock.now()
  const before = (await listBackups(folder)).at(-1)
  const path = freePath(folder, createdMs)
  const configFile = takeOption(argv, '--config').value ?? invocation.environment['PGHERD_COLLECTOR_CONFIG']
  const written = await writeBackup({
    directory,
    trust: trustDirectory(config),
    configuration: configurationFiles(config, configFile),
    to: path,
    previous: before === undefined ? undefined : await asPrevious(before),
    createdMs,
    progress: complain,
  })
  for (const old of kept === undefined ? [] : await keepNewest(folder, kept, path)) complain(`removed ${old}`)
  print(
    `${path}: ${written.files} files, ${printBytes(written.bytes)}, of which ${printBytes(written.sharedBytes)} are shared with the backup before`,
  )
  print(
    'It contains secrets: the key of the authority, hashes of tokens, and files that the configuration names.',
  )
  return 0
}

/**
 * `pgherd-collector restore FROM --to DIRECTORY`.
 * @throws PgherdError USAGE, NOT_FOUND, REFUSED, STORE_CORRUPT, NOT_SUPPORTED, DISK_FULL, DIRECTORY_UNUSABLE
 */
export async function runRestore(invocation: BackupInvocation): Promise<number> {
  const { print, complain } = invocation
  const program = createSubprogram(
    'pgherd-collector restore',
    "Makes a collector's directory of a backup, after every checksum was compared.",
    print,
  )
    .argument('<backup>', 'a backup, or a folder of backups, of which it takes the newest')
    .requiredOption('--to <directory>', 'the new directory, which must not be there or be empty')
    .action(async (from: string, { to }: { to: string }) => {
      const backup = await newest(from)
      const { files, createdMs, configuration, pgherd } = await restoreBackup(backup, to, {
        report: complain,
        progress: complain,
      })
      const bytes = printBytes(files.reduce((sum, file) => sum + file.bytes, 0))
      print(
        `${files.length} files, ${bytes}, of ${new Date(createdMs).toISOString()} (pgherd ${pgherd}) are in ${to}`,
      )
      for (const { path, from: was } of configuration) print(`${was} is in ${join(to, `restored-${path}`)}`)
      print(`Start it with --store-directory ${to}; agents go on with it where they are.`)
    })
  await runSubprogram(
    program,
    invocation.argv,
    (message = 'name a backup') => `${message} (see pgherd-collector restore --help)`,
  )
  return 0
}

async function verify({ argv, print, complain }: BackupInvocation): Promise<number> {
  let status = 0
  const program = createSubprogram('pgherd-collector backup', 'Reads a backup back.', print)
  addWord(program, 'verify <backup>', 'Compares every checksum, and has each database check itself.').action(
    async (from: string) => {
      const backup = await newest(from)
      const { manifest, damages } = await verifyBackup(backup, complain)
      print(`${backup}: ${manifest.files.length} files, ${damages} damaged`)
      status = damages === 0 ? 0 : 1
    },
  )
  await runSubprogram(
    program,
    argv,
    (message = 'name a backup') => `${message} (see pgherd-collector backup verify --help)`,
  )
  return status
}

async function newest(from: string): Promise<string> {
  if (existsSync(join(from, manifestName))) return from
  const [last] = (await listBackups(from)).slice(-1)
  if (last !== undefined) return last
  throw new PgherdError('NOT_FOUND', `${from} is no backup and has none`)
}

/** One that cannot be read is none to share with. */
async function asPrevious(path: string) {
  const manifest = await readManifest(path).catch(() => undefined)
  return manifest === undefined ? undefined : { path, manifest }
}

function freePath(folder: string, createdMs: number): string {
  const moment = `${new Date(createdMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? moment : `${moment}-${number}`)
    if (!existsSync(path)) return path
  }
}
