import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'

/** The parent process of a keepalived that runs. */
export interface KeepalivedProcess {
  readonly pid: number
  /** The user it runs as, who owns what it writes. */
  readonly uid: number
  /** Whether the signal is received; another one could end the process. */
  readonly handles: (signal: number) => boolean
}

/**
 * Finds keepalived by its pid file, and makes sure that it is keepalived.
 * @param pidFiles the first that exists counts
 * @throws PgherdError NOT_FOUND when it does not run, UNREACHABLE when that cannot be told
 */
export async function findKeepalived(pidFiles: readonly string[]): Promise<KeepalivedProcess> {
  for (const file of pidFiles) {
    const text = await readIfThere(file)
    if (text === undefined) continue
    const pid = Number(text.trim())
    if (!Number.isInteger(pid) || pid <= 1) {
      throw new PgherdError('UNREACHABLE', `${file} holds no process id`)
    }
    const [comm, commandLine, status] = await Promise.all(
      ['comm', 'cmdline', 'status'].map((name) => readIfThere(`/proc/${pid}/${name}`)),
    )
    // The process may have another name by configuration (process_names), or its id may be somebody else's now.
    const names = [comm?.trim(), basename(commandLine?.split('\0', 1)[0] ?? '')]
    if (status === undefined || !names.includes('keepalived')) break
    const mask = signalMask(status, 'SigBlk') | signalMask(status, 'SigCgt')
    return {
      pid,
      uid: (await stat(`/proc/${pid}`)).uid,
      handles: (signal) => ((mask >> BigInt(signal - 1)) & 1n) === 1n,
    }
  }
  throw new PgherdError('NOT_FOUND', `keepalived does not run (by ${pidFiles.join(', ')})`)
}

/** keepalived blocks its signals and reads them from a descriptor (signalfd). */
function signalMask(status: string, name: string): bigint {
  const found = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)
  return BigInt(`0x${found?.[1] ?? '0'}`)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(systemCodeOf(error) ?? '')) return undefined
    const reason = systemCodeOf(error) ?? messageOf(error)
    throw new PgherdError('UNREACHABLE', `cannot read ${path}: ${reason}`, { cause: error })
  }
}
