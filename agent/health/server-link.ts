import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { Link, OpenLink } from './link.ts'
import { postmasterStart } from './sql-expressions.ts'

/** What cannot change while a connection lives. */
export interface ServerFacts {
  readonly versionNumber: number
  readonly postmasterStartMs: number
  readonly port: number
}

export interface ServerLink extends AsyncDisposable {
  readonly isOpen: boolean
  readonly closed: Promise<unknown> | undefined
  readonly facts: ServerFacts
  readonly link: Link
}

const facts = z.object({ versionNumber: z.int(), postmasterStartMs: z.number(), port: z.int() })

const statement = {
  name: 'pgherd_health_facts',
  text: `select json_build_object(
    'versionNumber', current_setting('server_version_num')::int,
    'postmasterStartMs', ${postmasterStart},
    'port', current_setting('port')::int)`,
}

/** @throws PgherdError as `open`, and what a statement throws */
export async function openServerLink(
  open: OpenLink,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ServerLink> {
  const link = await open(timeoutMs, signal)
  try {
    const known = await askJson(link, statement, facts)
    return {
      get isOpen() {
        return link.isOpen
      },
      closed: link.closed,
      facts: known,
      link,
      [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
    }
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * The one value of a statement, which is JSON.
 * @throws PgherdError of `Link.query`, or BAD_DATA
 */
export async function askJson<T>(
  link: Link,
  asked: { readonly name: string; readonly text: string },
  shape: z.ZodType<T>,
): Promise<T> {
  const rows = await link.query(asked)
  const parsed = shape.safeParse(JSON.parse(rows[0]?.[0] ?? 'null'))
  if (parsed.success) return parsed.data
  throw new PgherdError('BAD_DATA', `${asked.name} was answered in another shape`, {
    details: { problem: parsed.error.message.slice(0, 300) },
  })
}
