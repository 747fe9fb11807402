import { createdSilence, silence, silences } from '../../../common/alerts/silence.ts'
import type { LabelMatcher, PostableSilence, Silence } from '../../../common/alerts/silence.ts'
import { printMatcher } from '../../../common/alerts/matcher-text.ts'
import type { AuditFact } from '../../../common/audit/entry.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { HttpAnswer } from '../../../common/http-client.ts'
import type { z } from 'zod'
import type { AlertmanagerClient } from '../notify/alertmanager-client.ts'
import { silenceFact } from './silence-fact.ts'

/** The silences of Alertmanagers that share them: those of one cluster. */
export interface RemoteSilences {
  /** @throws PgherdError UNREACHABLE, BAD_DATA */
  list(filters: readonly LabelMatcher[], signal: AbortSignal): Promise<readonly Silence[]>
  one(id: string, signal: AbortSignal): Promise<Silence | undefined>
  /** @returns its id @throws PgherdError UNREACHABLE, BAD_DATA with what Alertmanager says, what the audit rejects with */
  set(silence: PostableSilence, by: string, signal: AbortSignal): Promise<string>
  /** @throws PgherdError NOT_FOUND, UNREACHABLE, what the audit rejects with */
  end(id: string, by: string, signal: AbortSignal): Promise<void>
}

const timeoutMs = 10_000

/** Asks the first Alertmanager that answers. */
export function createRemoteSilences(options: {
  readonly clients: readonly AlertmanagerClient[]
  /** Is told before anything is done; where it rejects, nothing is. */
  readonly audit: (fact: AuditFact) => Promise<unknown>
}): RemoteSilences {
  const ask = async (
    request: { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly body?: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer> => {
    const problems: string[] = []
    for (const client of options.clients) {
      try {
        const answer = await client.send({ ...request, timeoutMs, signal })
        if (answer.status < 500) return answer
        problems.push(`${client.name} answered with status ${answer.status}`)
      } catch (error) {
        signal.throwIfAborted()
        problems.push(messageOf(error))
      }
    }
    throw new PgherdError(
      'UNREACHABLE',
      `no Alertmanager can be asked about silences: ${problems.join('; ')}`,
    )
  }
  const one = async (id: string, signal: AbortSignal): Promise<Silence | undefined> => {
    const answer = await ask({ method: 'GET', path: pathOf(id) }, signal)
    // An id that is no UUID is answered 422.
    return answer.status === 404 || answer.status === 422 ? undefined : read(silence, answer)
  }
  return {
    async list(filters, signal) {
      const parameters = new URLSearchParams(filters.map((filter) => ['filter', printMatcher(filter)]))
      return read(
        silences,
        await ask({ method: 'GET', path: `/api/v2/silences?${parameters.toString()}` }, signal),
      )
    },
    one,
    async set(given, by, signal) {
      await options.audit(silenceFact('silence-set', given, by))
      const answer = await ask(
        { method: 'POST', path: '/api/v2/silences', body: JSON.stringify(given) },
        signal,
      )
      if (answer.status === 404) {
        throw new PgherdError('NOT_FOUND', `there is no silence "${given.id?.slice(0, 100) ?? ''}"`)
      }
      return read(createdSilence, answer).silenceID
    },
    async end(id, by, signal) {
      const ending = await one(id, signal)
      if (ending === undefined) {
        throw new PgherdError('NOT_FOUND', `there is no silence "${id.slice(0, 100)}"`)
      }
      // Alertmanager answers 500 to a second end.
      if (ending.status.state === 'expired') return
      await options.audit(silenceFact('silence-ended', ending, by))
      const answer = await ask({ method: 'DELETE', path: pathOf(id) }, signal)
      if (answer.status >= 400) throw refusal(answer)
    },
  }
}

function pathOf(id: string): string {
  return `/api/v2/silence/${encodeURIComponent(id)}`
}

function read<T>(schema: z.ZodType<T>, answer: HttpAnswer): T {
  if (answer.status >= 400) throw refusal(answer)
  const parsed = schema.safeParse(jsonOf(answer))
  if (parsed.success) return parsed.data
  throw new PgherdError('UNREACHABLE', 'the Alertmanager does not answer like one (API v2)')
}

/** Alertmanager says why as a JSON string, or as `{code, message}`. */
function refusal(answer: HttpAnswer): PgherdError {
  const said = jsonOf(answer)
  const text =
    typeof said === 'string'
      ? said
      : typeof said === 'object' && said !== null && 'message' in said
        ? String(said.message)
        : `status ${answer.status}`
  const isOurs = answer.status === 401 || answer.status === 403
  return new PgherdError(
    isOurs ? 'UNREACHABLE' : 'BAD_DATA',
    `the Alertmanager refuses: ${text.slice(0, 500)}`,
  )
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
