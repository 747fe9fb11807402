import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startAgent, startCollector } from '../../testbed/pgherd.ts'
import type { CollectorProcess, ExtraConfig, PgherdProcess } from '../../testbed/pgherd.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'

const point = z.tuple([z.number(), z.string()])
const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.string(),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: point.optional(),
        values: z.array(point).optional(),
      }),
    ),
  }),
})

/** One sample of a range, its time in milliseconds. */
export interface RawSample {
  readonly timeMs: number
  readonly value: number
}

/** A PostgreSQL server, its agent and a collector as real processes on loopback. */
export interface Herd extends AsyncDisposable {
  readonly directory: string
  readonly postgres: PostgresServer
  readonly collector: CollectorProcess
  readonly agent: PgherdProcess
  /** Values of an instant query, by series. */
  instant(expression: string): Promise<{ labels: Readonly<Record<string, string>>; value: number }[]>
  /** The stored samples that a selector finds in the last hour, one list per series. */
  samples(selector: string): Promise<{ labels: Readonly<Record<string, string>>; samples: RawSample[] }[]>
}

export const intervalMs = 1000

/** Starts everything with an interval of one second, so that a drill of a minute has sixty measurements. */
export async function startHerd(
  options: {
    collector?: ExtraConfig
    agent?: ExtraConfig
    postgres?: Readonly<Record<string, string>>
  } = {},
): Promise<Herd> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-system-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const postgres = stack.use(
    await startPostgres(options.postgres === undefined ? {} : { settings: options.postgres }),
  )
  await postgres.query('create role pgherd login')
  await postgres.query('grant pg_monitor to pgherd')
  const collector = stack.use(
    await startCollector({
      directory: join(directory, 'collector'),
      ...(options.collector === undefined ? {} : { extraConfig: options.collector }),
    }),
  )
  const agent = stack.use(
    await startAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-sys',
      seq: 1,
      postgresUrl: postgres.url('postgres', 'pgherd'),
      collectorUrl: collector.url,
      interval: `${intervalMs}ms`,
      extraConfig: { 'scrape.timeout': '800ms', 'log.level': 'debug', ...options.agent },
    }),
  )
  const owned = stack.move()

  const query = async (expression: string): Promise<z.infer<typeof answer>['data']['result']> => {
    const response = await fetch(`${collector.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new Error(`${expression}: ${await response.text()}`)
    return answer.parse(await response.json()).data.result
  }
  return {
    directory,
    postgres,
    collector,
    agent,
    async instant(expression) {
      const result = await query(expression)
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value?.[1]) }))
    },
    async samples(selector) {
      const result = await query(`${selector}[1h]`)
      return result.map(({ metric, values }) => ({
        labels: metric,
        samples: (values ?? []).map(([seconds, text]) => ({
          timeMs: Math.round(seconds * 1000),
          value: Number(text),
        })),
      }))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
