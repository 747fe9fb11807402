import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { Session } from './session.ts'

/**
 * The version of a pgBouncer as pg_exporter's files write it: 1.18.0 is 11800. Newer ones give it as a row, those before 1.12
 * as a notice.
 * @throws PgherdError of `Session.query`, or BAD_DATA when what answers is no pgBouncer
 */
export async function readPoolerVersion(session: Pick<Session, 'query'>, timeoutMs: number): Promise<number> {
  const { rows, notices } = await session
    .query({ text: 'show version' }, timeoutMs)
    .catch((error: unknown) => {
      const { code, message } = toPgherdError(error)
      // A server, or a database behind a pooler, has no such setting.
      if (code === 'PROBE_FAILED') {
        throw new PgherdError('BAD_DATA', `is no console of pgBouncer (the database pgbouncer): ${message}`)
      }
      throw error
    })
  const text = rows[0]?.[0] ?? notices[0] ?? ''
  const match = /pgbouncer(?: version)? (\d+)\.(\d+)(?:\.(\d+))?/i.exec(text)
  if (match === null) {
    throw new PgherdError('BAD_DATA', `is no pgBouncer: SHOW VERSION gave ${JSON.stringify(text)}`)
  }
  const [major, minor, patch] = match.slice(1).map((digits) => Number(digits || 0))
  return major! * 10_000 + minor! * 100 + (patch ?? 0)
}
