import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { VrrpInstance } from './instance.ts'
import { parseJsonDump } from './parse-json.ts'
import { parseTextDumps } from './parse-text.ts'
import type { KeepalivedProcess } from './process.ts'

/** SIGRTMIN + 2 where SIGRTMIN is glibc's and musl's: `keepalived --signum=JSON`. */
const jsonSignal = 36
const dataSignal = 10
const statsSignal = 12

const pollMs = 10
const maxBytes = 4 * 1024 * 1024

/**
 * Has keepalived write its state into files and reads them; as JSON when it can. No process is started.
 * @param prefix of the files, `/tmp/keepalived` unless keepalived was told otherwise; as keepalived sees it, which
 *   may have a /tmp of its own
 * @throws PgherdError REFUSED when we may not, TIMED_OUT when it writes nothing
 */
export async function readDump(
  keepalived: KeepalivedProcess,
  prefix: string,
  options: { readonly timeoutMs: number; readonly clock: Clock },
): Promise<readonly VrrpInstance[]> {
  const { clock, timeoutMs } = options
  const json = keepalived.handles(jsonSignal)
  const signals = json ? [jsonSignal] : [dataSignal, statsSignal]
  const root = await rootOf(keepalived.pid)
  const files = (json ? ['json'] : ['data', 'stats']).map((suffix) => `${root}${prefix}.${suffix}`)
  if (!signals.every((signal) => keepalived.handles(signal))) {
    throw new PgherdError(
      'REFUSED',
      'this process takes none of the signals that make keepalived tell its state',
    )
  }
  const look = (): Promise<(Seen | undefined)[]> =>
    Promise.all(files.map((file) => lookAt(file, keepalived.uid)))
  const before = await look()
  // Before it is asked: as root it would write through the link of somebody else.
  if (before.some((seen) => seen?.isItsOwn === false)) throw notItsFile()
  for (const signal of signals) send(keepalived.pid, signal)
  const endMs = clock.monotonic() + timeoutMs
  for (;;) {
    await clock.sleep(pollMs)
    const now = await look()
    if (now.every((seen, i) => seen !== undefined && seen.version !== before[i]?.version)) {
      const [first = '', second = ''] = await Promise.all(
        files.map((file) => readOwned(file, keepalived.uid)),
      )
      const instances = json ? parseJsonDump(first) : parseTextDumps(first, second)
      if (instances !== undefined) return instances
    }
    if (clock.monotonic() >= endMs) {
      const what = files.map((file) => file.slice(root.length)).join(' and ')
      throw new PgherdError('TIMED_OUT', `keepalived did not write ${what} within ${timeoutMs} ms`)
    }
  }
}

function send(pid: number, signal: number): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCodeOf(error) === 'EPERM') throw notPermitted('send it a signal', error)
    throw new PgherdError('UNREACHABLE', `keepalived has just ended: ${messageOf(error)}`, { cause: error })
  }
}

/** The root directory as the process sees it; to see that takes CAP_SYS_PTRACE, and mostly it is ours. */
async function rootOf(pid: number): Promise<string> {
  const root = `/proc/${pid}/root`
  return (await lookAt(`${root}/`, 0)) === undefined ? '' : root
}

interface Seen {
  /** What changes when the file is written anew. */
  readonly version: string
  readonly isItsOwn: boolean
}

/** A link is not followed: it may lead to where a look does not return. */
async function lookAt(path: string, uid: number): Promise<Seen | undefined> {
  try {
    const found = await lstat(path, { bigint: true })
    const isItsOwn = found.isFile() && found.uid === BigInt(uid) && found.nlink === 1n
    return { version: `${found.ino} ${found.mtimeNs}`, isItsOwn }
  } catch {
    return undefined
  }
}

/** Everybody may put a file into /tmp: only what belongs to keepalived's user is read, and no pipe. */
async function readOwned(path: string, uid: number): Promise<string> {
  let file
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'EACCES') throw notPermitted('read its files', error)
    if (code === 'ELOOP' || code === 'ENXIO') throw notItsFile(error)
    return ''
  }
  try {
    const found = await file.stat()
    if (!found.isFile() || found.uid !== uid || found.size > maxBytes) {
      throw notItsFile()
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

function notItsFile(cause?: unknown): PgherdError {
  return new PgherdError(
    'REFUSED',
    `a dump file is no plain file of keepalived's user up to ${maxBytes} bytes`,
    { cause },
  )
}

function notPermitted(what: string, cause: unknown): PgherdError {
  const user = process.getuid?.() ?? '?'
  return new PgherdError(
    'REFUSED',
    `user ${user} may not ${what}: keepalived tells its state to its own user only, mostly root`,
    { cause },
  )
}
