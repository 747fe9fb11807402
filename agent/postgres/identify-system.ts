import { Socket } from 'node:net'
import pg from 'pg'
import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import { guardAnswers } from './answer-guard.ts'
import { connectFailure } from './failures.ts'
import { passwordOf, replicationDatabases } from './password-of.ts'
import type { PasswordSources } from './password-of.ts'
import { parseTarget } from './target.ts'

/** A server as it shows itself to who copies it. */
export interface IdentifiedSystem {
  /** Text, because it exceeds 2^53. */
  readonly systemIdentifier: string
  readonly timeline: number
  readonly segmentBytes: number
}

export interface IdentifyOptions extends PasswordSources {
  readonly url: string
  readonly serviceFile?: string | undefined
  readonly clock: Clock
  readonly timeoutMs: number
}

const units = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 } as const
const systemRow = z.tuple([z.string(), z.coerce.number().int()]).rest(z.unknown())
const sizeRow = z.tuple([z.string().regex(/^\d+(?:B|kB|MB|GB)$/)])

/**
 * Opens a connection for physical replication, as pg_basebackup does, and closes it again: it shows whether that is allowed
 * (role, pg_hba.conf, max_wal_senders), and whose copy it would be.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 * @throws PgherdError CONFIG_INVALID, POSTGRES_UNAVAILABLE with the SQLSTATE among its details, or TIMED_OUT
 */
export async function identifySystem(options: IdentifyOptions): Promise<IdentifiedSystem> {
  const { clock, timeoutMs } = options
  const target = parseTarget(options.url, options.serviceFile)
  const where = `PostgreSQL at ${target.host}:${target.port} for replication`
  const socket = new Socket()
  const config: pg.ClientConfig & { readonly replication: string } = {
    host: target.host,
    port: target.port,
    user: target.user,
    database: 'replication',
    password: () => passwordOf(target, options, replicationDatabases(target)),
    ssl: target.tls ?? false,
    stream: () => socket,
    application_name: 'pgherd backup',
    replication: 'true',
  }
  const client = new pg.Client(config)
  guardAnswers(client, socket, target.tls !== undefined)
  client.on('error', () => undefined)
  const ask = async (): Promise<IdentifiedSystem> => {
    await client.connect()
    const system = await client.query<unknown[]>({ text: 'IDENTIFY_SYSTEM', rowMode: 'array' })
    const size = await client.query<unknown[]>({ text: 'SHOW wal_segment_size', rowMode: 'array' })
    const [systemIdentifier, timeline] = systemRow.parse(system.rows[0])
    return { systemIdentifier, timeline, segmentBytes: bytesOf(sizeRow.parse(size.rows[0])[0]) }
  }
  try {
    const answer = await withinDeadline(ask(), timeoutMs, clock)
    if (answer === late) {
      throw new PgherdError('TIMED_OUT', `${where} did not answer within ${Math.round(timeoutMs)} ms`)
    }
    void client.end().catch(() => undefined)
    return answer
  } catch (error) {
    socket.destroy()
    throw connectFailure(error, where)
  }
}

/** `16MB`: a setting with its unit. */
function bytesOf(text: string): number {
  const [, number, unit = 'B'] = /^(\d+)(B|kB|MB|GB)$/.exec(text) ?? []
  return Number(number) * units[unit as keyof typeof units]
}
