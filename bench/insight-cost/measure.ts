import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { queryCollector } from '../../testbed/collector-api.ts'
import { startAgent } from '../../testbed/pgherd.ts'
import type { CollectorProcess } from '../../testbed/pgherd.ts'
import { cpuMs, memoryOf } from '../agent-cost/process-cost.ts'
import type { Configuration } from './configurations.ts'
import { agentRole } from './lab.ts'
import type { Lab } from './lab.ts'
import { forgetStatements, serverCostOf } from './server-cost.ts'
import type { StatementCost } from './server-cost.ts'

/** What an agent cost in a while. Processor times are in milliseconds. */
export interface Span {
  readonly seconds: number
  readonly serverMs: number
  readonly statementsMs: number
  readonly agentMs: number
}

/** What was resident in the agent, in MiB. */
export interface ResidentMib {
  /** When all of the schema was told. */
  readonly afterFirst: number
  /** The most at one of the looks after that, one a second. */
  readonly mostSteady: number
  /** The most since its start, as the kernel has it (VmHWM). */
  readonly peak: number
}

export interface Measured {
  readonly name: string
  /** From its start, with all that is done once. */
  readonly first: Span
  /** After that. */
  readonly steady: Span
  readonly series: number
  readonly memory: ResidentMib
  /** Of both, the longest in all first. */
  readonly statements: readonly StatementCost[]
  readonly problems: readonly string[]
}

export interface MeasureOptions {
  readonly lab: Lab
  readonly collector: CollectorProcess
  readonly admin: Client
  readonly directory: string
  readonly firstSeconds: number
  readonly steadySeconds: number
  /** Whether the agent's own catalogue is measured as well; else one trivial probe is, so that what is seen is insight's. */
  readonly withProbes: boolean
}

const trivialProbe = `
pgherd_bench:
  name: pgherd_bench
  desc: one
  query: select 1 as one
  ttl: 0
  metrics:
    - one: { usage: GAUGE, description: one }
`

export async function measure({ name, options }: Configuration, about: MeasureOptions): Promise<Measured> {
  const { lab, collector, admin, withProbes } = about
  const directory = join(about.directory, name)
  mkdirSync(directory, { recursive: true })
  const probes = join(directory, 'probes.yml')
  writeFileSync(probes, trivialProbe)
  await forgetStatements(admin, agentRole)
  const cluster = `bench-${name}`
  const before = await serverCostOf(admin, agentRole)
  await using agent = await startAgent({
    directory,
    cluster,
    seq: 1,
    postgresUrl: lab.server.url('postgres', agentRole),
    collectorUrl: collector.url,
    extraConfig: {
      'host.enabled': false,
      'tuning.enabled': false,
      'health.enabled': false,
      'actions.enabled': false,
      ...(withProbes ? {} : { 'postgres.probes': probes }),
      ...options,
    },
  })
  const spend = async (
    seconds: number,
    since: { readonly serverMs: number; readonly statementsMs: number; readonly agentMs: number },
  ): Promise<{
    readonly span: Span
    readonly now: typeof since
    readonly statements: readonly StatementCost[]
  }> => {
    const startedMs = performance.now()
    await sleep(seconds * 1000)
    const server = await serverCostOf(admin, agentRole)
    const now = {
      serverMs: server.cpuMs,
      statementsMs: server.statements.reduce((sum, { totalMs }) => sum + totalMs, 0),
      agentMs: cpuMs(agent.pid),
    }
    const span = {
      seconds: (performance.now() - startedMs) / 1000,
      serverMs: now.serverMs - since.serverMs,
      statementsMs: now.statementsMs - since.statementsMs,
      agentMs: now.agentMs - since.agentMs,
    }
    return { span, now, statements: server.statements }
  }
  const start = { serverMs: before.cpuMs, statementsMs: 0, agentMs: 0 }
  const first = await spend(about.firstSeconds, start)
  const afterFirst = memoryOf(agent.pid).resident
  let mostSteady = afterFirst
  const looking = setInterval(() => {
    mostSteady = Math.max(mostSteady, memoryOf(agent.pid).resident)
  }, 1000)
  const steady = await spend(about.steadySeconds, first.now).finally(() => clearInterval(looking))
  const [series] = await queryCollector(collector.url, `count({cls="${cluster}", job="pgsql"})`)
  return {
    name,
    first: first.span,
    steady: steady.span,
    series: series?.points[0]?.value ?? 0,
    memory: { afterFirst, mostSteady, peak: memoryOf(agent.pid).peak },
    statements: steady.statements,
    problems: problemsIn(agent.logTail(2_000)),
  }
}

/** What the agent says of insight that is no good news. */
function problemsIn(log: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => line.includes('insight') && /"level":"?(40|50|60|warn|error)/.test(line))
    .slice(0, 5)
}
