import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun } from '../engine.ts'
import { createLineSplitter } from './line-splitter.ts'
import { createComplaints } from './messages.ts'
import type { Complaint } from './messages.ts'
import { runGroup } from './run-group.ts'
import type { GroupEnd, GroupProgram } from './run-group.ts'

/** How pgBackRest is started on this host. */
export interface EngineProgram extends GroupProgram {
  readonly configFile: string
  readonly stanza: string
  /** Whether this member is the primary: its backups then leave the standbys alone, whatever the file says (backup-standby). */
  readonly isPrimary?: () => boolean
  /** All repositories are directories of this host. */
  readonly isLocal?: boolean
}

export interface EngineCall extends Pick<EngineRun, 'signal' | 'onStarted'> {
  /** Gets what it says on standard output line by line, which then is not kept. */
  readonly onLine?: (line: string) => void
  /** Of the output that is kept; with more it is ended. 8 MiB unless told. */
  readonly maxBytes?: number
}

export interface EngineAnswer extends GroupEnd {
  /** Empty where lines were asked for. */
  readonly output: string
  readonly complaints: readonly Complaint[]
  /** What others said on its standard error: sudo, ssh, the loader. */
  readonly stray: readonly string[]
}

/**
 * Runs one command of pgBackRest to its end; see `runGroup`.
 * @param args never a secret: other users see them
 * @throws BackupFailure configuration when it cannot be started, timed-out when the signal's reason is a timeout, other for too
 *   much output; PgherdError CANCELLED for any other abort; whatever onStarted rejects with
 */
export async function runEngine(
  program: EngineProgram,
  args: readonly string[],
  { onLine, maxBytes = 8 * 1024 * 1024, ...call }: EngineCall,
): Promise<EngineAnswer> {
  const all = [`--config=${program.configFile}`, `--stanza=${program.stanza}`, ...args]
  const what = `pgBackRest's ${args[0] ?? ''}`
  const kept: Buffer[] = []
  let keptBytes = 0
  const said = createComplaints()
  const logged = createComplaints()
  const lines = createLineSplitter((line) => {
    logged.take(line)
    onLine?.(line)
  })
  const errors = createLineSplitter((line) => said.take(line))
  const end = await runGroup(program, all, {
    ...call,
    what,
    onOutput(part, stop) {
      if (onLine !== undefined) lines.take(part)
      else if ((keptBytes += part.length) <= maxBytes) kept.push(part)
      else stop(tooMuch(what, maxBytes))
    },
    onErrors: (part) => errors.take(part),
  })
  lines.end()
  errors.end()
  const { complaints, stray } = said.told()
  return {
    ...{ ...end, stray },
    output: Buffer.concat(kept).toString(),
    complaints: [...logged.told().complaints, ...complaints],
  }
}

function tooMuch(what: string, maxBytes: number): BackupFailure {
  return new BackupFailure('other', `${what} answers with more than ${maxBytes} bytes and was ended`)
}
