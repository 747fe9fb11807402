import { chmod, chown, copyFile, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import type { RunningServer } from './running-server.ts'

const prefix = 'pgherd-preflight-'
/** Much longer than one takes, which has a limit. */
const abandonedMs = 60_000

/**
 * As little as PostgreSQL takes for a data directory, whose postgresql.conf is that of the server with other values behind it. It is
 * the owner's, in a directory of ours, because PostgreSQL works in no other. Disposing removes it.
 * @param values - by name, in pg_settings' unit and spelling
 * @throws system errors
 */
export async function makeProbeDirectory(
  server: RunningServer,
  values: ReadonlyMap<string, string>,
  parent: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const outer = await mkdtemp(join(parent, prefix))
  try {
    const path = join(outer, 'data')
    // The owner may go through it, and nobody may list it.
    await chmod(outer, 0o711)
    const owned = [path, join(path, 'global')]
    for (const directory of owned) await mkdir(directory, { mode: 0o700 })
    const files = ['PG_VERSION', 'global/pg_control']
    for (const file of files) await copyFile(join(server.dataDirectory, file), join(path, file))
    const settings = join(path, 'postgresql.conf')
    await writeFile(settings, probeSettings(server, values, path), { mode: 0o600 })
    for (const one of [...owned, ...files.map((file) => join(path, file)), settings]) {
      if (server.user !== null) await chown(one, server.user.uid, server.user.gid)
    }
    return { path, [Symbol.asyncDispose]: () => rm(outer, { recursive: true, force: true }) }
  } catch (error) {
    await rm(outer, { recursive: true, force: true })
    throw error
  }
}

/** Removes what an agent that was killed has left. One that is at work is younger. @returns how many there were */
export async function clearAbandoned(parent: string, clock: Clock): Promise<number> {
  let count = 0
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const path = join(parent, name)
    const found = await lstat(path).catch(() => undefined)
    // Only a directory that this user has made; anybody may put one of that name there.
    if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) continue
    if (clock.now() - found.mtimeMs < abandonedMs) continue
    await rm(path, { recursive: true, force: true })
    count++
  }
  return count
}

/** The files in the order in which the server reads them: what comes last wins, and what it has hidden is not even looked at. */
function probeSettings(
  { configFile, dataDirectory }: RunningServer,
  values: ReadonlyMap<string, string>,
  path: string,
): string {
  return [
    `include ${inFile(configFile)}`,
    `include_if_exists ${inFile(join(dataDirectory, 'postgresql.auto.conf'))}`,
    ...[...values].map(([name, value]) => `${name} = ${inFile(value)}`),
    `data_directory = ${inFile(path)}`,
    '',
  ].join('\n')
}

/** A value in a configuration file, where a backslash begins an escape ("Setting Parameters" in the manual). */
export function inFile(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`
}
