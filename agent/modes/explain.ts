import type { Clock } from '../../common/clock.ts'
import { printDuration } from '../../common/config/kinds.ts'
import { PgherdError } from '../../common/errors.ts'
import type { AgentConfig } from '../config.ts'
import { probePaths } from '../probe-files.ts'
import { metricName } from '../probes/definition.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import { loadProbes } from '../probes/load.ts'
import { explainPlan } from '../probes/plan.ts'
import type { ServerFacts } from '../probes/plan.ts'
import { defaultBudgetMs } from '../scrape/probe-account.ts'
import { grantFor } from './grant-for.ts'
import { describeFacts, lookAtServers } from './look.ts'

/**
 * Tells for each server which branches of a probe are chosen, and why (not), with the SQL of the chosen ones.
 * @param wanted a branch, a probe's name, a metric, or `all`
 * @returns 0, or the status of the first server that could not be looked at
 * @throws PgherdError NOT_FOUND when no branch is meant
 */
export async function explainProbe(
  wanted: string,
  config: AgentConfig,
  context: { readonly clock: Clock; readonly print: (line: string) => void },
): Promise<number> {
  const { clock, print } = context
  const all = await loadProbes(...probePaths(config))
  const probes = all.filter((probe) => isMeant(probe, wanted))
  if (probes.length === 0) throw notFound(wanted, all)
  const tags = new Set(config['postgres.tags'])
  let status = 0
  for await (const looked of lookAtServers(config, all, clock)) {
    await using server = looked
    const { facts } = server
    if (facts instanceof PgherdError) {
      print(`${server.name}: ${facts.message}`)
      status ||= facts.exit
      continue
    }
    print(`${server.name}: ${describeFacts(facts)}`)
    for (const { probe, runs, reason } of explainPlan(probes, facts, tags)) {
      if (runs)
        explainChosen(probe, facts, {
          print,
          withQuery: wanted !== 'all',
          databaseIntervalMs: config['postgres.database_interval'],
        })
      else print(`  ${probe.branch}: not chosen: ${reason} (${probe.file})`)
    }
  }
  return status
}

function isMeant(probe: ProbeDefinition, wanted: string): boolean {
  return (
    wanted === 'all' ||
    probe.branch === wanted ||
    probe.name === wanted ||
    probe.columns.some(
      (column) =>
        column.usage !== 'LABEL' && column.usage !== 'DISCARD' && metricName(probe, column) === wanted,
    )
  )
}

function explainChosen(
  probe: ProbeDefinition,
  facts: ServerFacts,
  options: {
    readonly print: (line: string) => void
    readonly withQuery: boolean
    readonly databaseIntervalMs: number
  },
): void {
  const { print, withQuery } = options
  const { branch, file, tags, ttlMs, timeoutMs, budgetMs = defaultBudgetMs } = probe
  const budget = budgetMs === 0 ? 'no budget' : `a budget of ${budgetMs} ms per minute`
  const once = facts.kind === 'pgbouncer' || tags.includes('cluster')
  const everyMs = once ? ttlMs : Math.max(ttlMs, options.databaseIntervalMs)
  const often = everyMs === 0 ? 'at each scrape' : `every ${printDuration(everyMs)}`
  print(
    `  ${branch}: chosen: fits version ${facts.versionNumber}${tags.length === 0 ? '' : ` and the tags ${tags.join(', ')}`} (${file})`,
  )
  print(
    `    asked ${once ? 'once per server' : 'in each database'}, ${often}, for at most ${printDuration(timeoutMs)}, with ${budget}`,
  )
  for (const { name, query, grant } of probe.predicates) {
    print(
      `    only if (${name}): ${query.trim()}${grant === undefined ? '' : `; else: ${grantFor(grant, facts.user)}`}`,
    )
  }
  if (!withQuery) return
  for (const column of probe.columns) {
    if (column.usage === 'DISCARD') continue
    const what =
      column.usage === 'LABEL' ? `label ${column.name}` : `${metricName(probe, column)} (${column.usage})`
    print(`    ${what}: ${column.description}`)
  }
  for (const line of probe.query.trimEnd().split('\n')) print(`    | ${line}`)
}

function notFound(wanted: string, probes: readonly ProbeDefinition[]): PgherdError {
  const names = [...new Set(probes.map(({ name }) => name))].sort()
  return new PgherdError(
    'NOT_FOUND',
    `no probe, branch or metric is called ${wanted}; allowed: all, or one of ${names.join(', ')}`,
  )
}
