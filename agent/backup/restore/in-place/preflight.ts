import { access, constants, lstat, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '../../../../common/errors.ts'
import { BackupFailure } from '../../backup-failure.ts'

/**
 * Whether a data directory can be put aside by a rename and its server be started again by this program.
 * @throws BackupFailure configuration with what is in the way
 */
export async function checkExchange(
  data: string,
  options: {
    readonly isManaged: boolean
    readonly hasStartCommand: boolean
    readonly ownUnit: string | null
  },
): Promise<void> {
  const refuse = (why: string): BackupFailure =>
    new BackupFailure('configuration', `${data} cannot be restored in place: ${why}`)
  const parent = dirname(data)
  const [own, above, link] = await Promise.all([stat(data), stat(parent), lstat(data)])
  if (link.isSymbolicLink()) throw refuse('it is a link; data_directory is to name the directory itself')
  if (own.dev !== above.dev) {
    throw refuse('a file system is mounted there, so it cannot be put aside; let data_directory be below it')
  }
  const user = process.getuid?.() ?? 0
  if (user !== 0 && user !== own.uid) {
    throw refuse(
      `the agent is neither root nor its owner (${own.uid}), who alone stops and starts the server`,
    )
  }
  await access(parent, constants.W_OK).catch(() => {
    throw refuse(`the agent may not rename in ${parent}`)
  })
  const tablespaces = await readdir(join(data, 'pg_tblspc'))
  if (tablespaces.length > 0) {
    throw refuse(`it has ${tablespaces.length} tablespaces, which lie elsewhere; restore with --into`)
  }
  if ((await lstat(join(data, 'pg_wal'))).isSymbolicLink()) {
    throw refuse('its pg_wal lies elsewhere; restore with --into')
  }
  if (!options.isManaged && (await isThere(join(data, 'patroni.dynamic.json')))) {
    throw refuse('its server is started by Patroni, of which the agent knows nothing (neighbours)')
  }
  if (!options.isManaged && !options.hasStartCommand && options.ownUnit !== null) {
    throw refuse(
      `a server that the agent starts would end with its unit ${options.ownUnit}; give backup.start_command, such as [systemctl, start, postgresql@15-main]`,
    )
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}
