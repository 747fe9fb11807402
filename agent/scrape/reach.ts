import { toPgherdError } from '../../common/errors.ts'
import type { Session } from '../postgres/session.ts'
import { remainingOf } from './source.ts'
import type { Round } from './source.ts'

/** Connects and asks. A connection that was lost unseen, or whose backend alone hangs, gets a second chance. */
export async function reach<T>(session: Session, round: Round, ask: () => Promise<T>): Promise<T> {
  const connect = (): Promise<void> => session.connect(Math.min(round.timeoutMs / 2, remainingOf(round)))
  const { generation } = session
  await connect()
  try {
    return await ask()
  } catch (error) {
    const isFresh = session.generation !== generation
    if (isFresh || session.isConnected) throw error
    await connect()
    return ask()
  }
}

/**
 * A promotion between the look at the role and the probes makes the fatal one fail, and a session that an
 * operator ended is no dead server: both are settled by looking again.
 */
export async function retriedOnce<T>(work: () => Promise<T>, round: Round): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = toPgherdError(error)
    if ((code !== 'PROBE_FAILED' && code !== 'POSTGRES_UNAVAILABLE') || round.remainingMs() <= 0) throw error
    return work()
  }
}
