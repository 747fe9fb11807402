import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { tuneChange } from '../../common/tuning/tune-change.ts'
import type { TuneChange } from '../../common/tuning/tune-change.ts'
import { startFleet } from '../../testbed/fleet.ts'
import type { Fleet } from '../../testbed/fleet.ts'
import type { PgherdProcess } from '../../testbed/pgherd.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import type { CommandResult } from '../../testbed/run-command.ts'
import { waitFor } from '../../testbed/wait.ts'

const nodes = z.array(z.object({ servers: z.array(z.object({ systemIdentifier: z.string().nullable() })) }))

/** A server, its agent, a collector and the operator alice, who may do on the host what the policy says. */
export interface TunedFleet extends AsyncDisposable {
  readonly directory: string
  readonly postgres: PostgresServer
  readonly fleet: Fleet
  readonly agent: PgherdProcess
  agentctl(...args: readonly string[]): Promise<CommandResult>
  /** `agentctl tune ...` */
  tune(...args: readonly string[]): Promise<CommandResult>
  /** `current_setting`. */
  valueOf(name: string): Promise<unknown>
  changes(): Promise<readonly TuneChange[]>
  /** Until the collector knows the server of the agent, so that a command can be signed for it. */
  untilKnown(): Promise<unknown>
}

/** The role of the agent has the rights that the manual names, for these settings and no others. */
export async function startTunedFleet(options: {
  readonly settings: readonly string[]
  /** Lines of the policy's rules. */
  readonly rules: readonly string[]
  readonly postgres?: Readonly<Record<string, string>>
}): Promise<TunedFleet> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-tune-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const postgres = stack.use(
    await startPostgres(options.postgres === undefined ? {} : { settings: options.postgres }),
  )
  await postgres.query('create role pgherd login')
  await postgres.query('grant pg_monitor to pgherd')
  await postgres.query('grant execute on function pg_reload_conf(), pg_show_all_file_settings() to pgherd')
  await postgres.query('grant select on pg_file_settings to pgherd')
  await postgres.query(`grant alter system on parameter ${options.settings.join(', ')} to pgherd`)
  const fleet = stack.use(await startFleet({ directory, operatorName: 'alice' }))
  mkdirSync(join(directory, 'agent'))
  writeFileSync(join(directory, 'agent', 'policy.yaml'), ['rules:', ...options.rules].join('\n'))
  const agent = stack.use(
    await fleet.addAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-main',
      seq: 1,
      postgresUrl: postgres.url('postgres', 'pgherd'),
      interval: '1s',
      extraConfig: { 'scrape.timeout': '800ms' },
    }),
  )
  const agentctl = (...args: readonly string[]) => fleet.operator.agentctl(...args)
  const untilKnown = () =>
    waitFor(
      'the server of the agent is known',
      async () => {
        const { stdout } = await agentctl('-o', 'json', 'nodes')
        return nodes.parse(JSON.parse(stdout))[0]?.servers[0]?.systemIdentifier != null
      },
      { timeoutMs: 20_000, explain: () => agent.logTail(5) },
    )
  await untilKnown()
  const owned = stack.move()
  return {
    ...{ directory, postgres, fleet, agent, agentctl, untilKnown },
    tune: (...args) => agentctl('tune', ...args),
    valueOf: async (name): Promise<unknown> =>
      (await postgres.query('select current_setting($1) as v', [name]))[0]?.['v'],
    changes: () =>
      waitFor('the history is told', async () => {
        const { status, stdout, stderr } = await agentctl('-o', 'json', 'tune', 'history', 'pg-main-1')
        // An agent that has just started knows its server a moment before the collector hears of it.
        if (stderr.includes('has not told the system identifier')) return undefined
        if (status !== 0) throw new Error(stderr)
        return z.array(tuneChange).parse(JSON.parse(stdout))
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
