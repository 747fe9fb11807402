import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerUser } from '../drill/server-user.ts'
import type { LocalServer } from '../policy/config-text.ts'
import type { AskServer } from './ask-server.ts'

const facts = `
select current_setting('data_directory'),
       current_setting('port'),
       current_setting('unix_socket_directories'),
       current_setting('server_version_num')`

export interface FoundServer {
  readonly server: LocalServer
  /** Such as 150018. */
  readonly versionNumber: number
}

/**
 * The server that is backed up, as it describes itself. data_directory is shown to pg_read_all_settings, which pg_monitor has.
 * @param address of this host, as the policy's members have it
 * @throws PgherdError when it does not answer, or does not tell
 */
export async function findServer(ask: AskServer, address: string): Promise<FoundServer> {
  const [row] = await ask(facts)
  const [dataDirectory = '', port, sockets, version] = row ?? []
  const socketDirectory = (sockets ?? '').split(',')[0]?.trim() ?? ''
  return {
    server: {
      dataDirectory: dataDirectory ?? '',
      port: Number(port),
      socketDirectory: socketDirectory.startsWith('/') ? socketDirectory : null,
      user: null,
      address,
    },
    versionNumber: Number(version),
  }
}

/** Whose the data directory is, where this program may act as them: for root alone. @throws when it cannot be looked at */
export async function ownerOf(dataDirectory: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return null
  const { uid, gid } = await stat(dataDirectory)
  return { uid, gid }
}

/** The process id of the postmaster; undefined where it cannot be read. */
export async function postmasterPid(dataDirectory: string): Promise<number | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n', 1)[0])
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}
