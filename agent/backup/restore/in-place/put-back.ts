import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ServerManager } from '../../../../common/backup/server-manager.ts'
import type { Clock } from '../../../../common/clock.ts'
import { syncDirectory } from '../../../../common/spool/file-operations.ts'
import { BackupFailure } from '../../backup-failure.ts'
import type { KeptDirectories } from './kept-directories.ts'
import type { NotedInPlace } from './noted.ts'
import { inodeOf } from './place-names.ts'
import type { ServerCommands } from './restore-in-place.ts'
import { isReady, startServer } from './start-server.ts'
import { stopServer } from './stop-server.ts'

/**
 * Puts the directory of before back and starts its server, from wherever the exchange was left; may be called again and again.
 * What was restored is deleted only where its server was never started.
 * @returns half a sentence for the operator
 * @throws BackupFailure when that is not so yet
 */
export async function putBack(
  noted: NotedInPlace,
  options: {
    readonly manager: ServerManager | undefined
    readonly commands: ServerCommands
    readonly keptDirectories: KeptDirectories
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<string> {
  const { data, kept, fresh, oldInode, freshInode, user, start, isDone } = noted
  const { manager, commands, keptDirectories, clock, signal } = options
  if (isDone) return `the restored server runs on ${data}, and what was there before is kept as ${kept}`
  const found = await inodeOf(data)
  if (found !== undefined && found !== oldInode && found !== freshInode) {
    // Patroni does so, once somebody has resumed it while there was no directory.
    return `${data} was made anew by somebody else meanwhile and is left so; what was there before is kept as ${kept}, and what was restored as ${fresh}`
  }
  const binDirectory = dirname(start.program)
  let aside = ''
  if (found === freshInode) {
    await stopServer(data, { binDirectory, user, command: commands.stop, signal })
    if ((await inodeOf(kept)) !== oldInode) {
      throw new BackupFailure('other', `${kept} is not the directory of before; nothing more was renamed`)
    }
    await rename(data, fresh)
    aside = `; what was restored is kept as ${fresh}`
  }
  if ((await inodeOf(data)) === undefined && (await inodeOf(kept)) === oldInode) {
    await rename(kept, data)
    await syncDirectory(dirname(data))
  }
  if ((await inodeOf(data)) !== oldInode) {
    throw new BackupFailure('other', `neither ${data} nor ${kept} is the directory of before`)
  }
  if (aside === '' && (await inodeOf(fresh)) === freshInode) await rm(fresh, { recursive: true })
  if (!(await isReady(data))) {
    if (manager === undefined) {
      await startServer(data, start, { user, command: commands.start, clock, signal })
    } else {
      await manager.start()
    }
  }
  await keptDirectories.remove(kept)
  return `the server runs on ${data} as it was before${aside}`
}
