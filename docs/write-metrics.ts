import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { insightFamilies } from '../agent/insight/metrics.ts'
import type { InsightFamily } from '../agent/insight/metrics.ts'
import { printDuration } from '../common/config/kinds.ts'
import { metricName } from '../agent/probes/definition.ts'
import type { ColumnDefinition, ProbeDefinition } from '../agent/probes/definition.ts'
import { loadProbes } from '../agent/probes/load.ts'

/** Writes docs/metrics.md from the agent's catalogue and what its insight tells, or with --check tells whether it is as it should be. */

const file = fileURLToPath(new URL('metrics.md', import.meta.url))

interface Metric {
  readonly usage: ColumnDefinition['usage']
  readonly description: string
  readonly probes: ProbeDefinition[]
}

function page(probes: readonly ProbeDefinition[]): string {
  const families = new Map<string, ProbeDefinition[]>()
  for (const probe of probes) families.set(probe.name, [...(families.get(probe.name) ?? []), probe])
  const parts = [...families].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => family(name, of))
  return `# Metrics of PostgreSQL and pgBouncer

What the agent's own probes give, by family, and what it finds out besides; made by \`npm run docs:metrics\` from agent/probes/catalogue and agent/insight. Names, types and labels are
those of [pg_exporter](https://github.com/pgsty/pg_exporter) where it has them. Every series also has the labels job, cls,
ins, ip and instance. \`pgherd-agent --explain <metric>\` shows the SQL and which branch a server gets.

${[...parts, ...insightFamilies.map(insightFamily)].join('\n')}`
}

function insightFamily({ name, what, metrics }: InsightFamily): string {
  const rows = metrics.map(({ name: metric, kind, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${metric}\` | ${kind} | ${named} | ${help.replaceAll('|', '\\|')} |`
  })
  return `## ${name}

${what}. Made by the agent itself, with \`insight.enabled\`.

| metric | type | labels | what |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function family(name: string, probes: readonly ProbeDefinition[]): string {
  const metrics = new Map<string, Metric>()
  const labels = new Set<string>()
  for (const probe of probes) {
    for (const column of probe.columns) {
      if (column.usage === 'LABEL') labels.add(column.name)
      if (column.usage === 'LABEL' || column.usage === 'DISCARD') continue
      const key = metricName(probe, column)
      const known = metrics.get(key)
      if (known === undefined) {
        metrics.set(key, { usage: column.usage, description: column.description, probes: [probe] })
      } else known.probes.push(probe)
    }
  }
  const [first] = probes
  const rows = [...metrics].map(
    ([metric, { usage, description, probes: of }]) =>
      `| \`${metric}\` | ${usage.toLowerCase()} | ${versions(of)} | ${description.replaceAll('|', '\\|')} |`,
  )
  const once = probes.every(({ tags }) => tags.includes('cluster') || tags.includes('pgbouncer'))
  const facts = [
    once ? 'once per server' : 'in each database',
    first!.ttlMs === 0 ? 'at each scrape' : `every ${printDuration(first!.ttlMs)}`,
    labels.size === 0 ? 'no labels' : `labels ${[...labels].map((label) => `\`${label}\``).join(', ')}`,
  ]
  return `## ${name}

${first!.description}. Asked ${facts.join('; ')}.${conditions(probes)}

| metric | type | versions | what |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function conditions(probes: readonly ProbeDefinition[]): string {
  const tags = new Set(
    probes.flatMap((probe) => probe.tags).filter((tag) => !['cluster', 'pgbouncer'].includes(tag)),
  )
  const grants = new Set(
    probes
      .flatMap(({ predicates }) => predicates.map(({ grant }) => grant))
      .filter((grant) => grant !== undefined),
  )
  return [
    ...(tags.size === 0 ? [] : [` Only with: ${[...tags].join(', ')}.`]),
    ...(probes.every(({ skip }) => skip) ? [' Off unless a probe file of your own switches it on.'] : []),
    ...(grants.size === 0
      ? []
      : [' Needs more than pg_monitor for some of it; `--self-test` prints the GRANT.']),
  ].join('')
}

function versions(probes: readonly ProbeDefinition[]): string {
  const pooler = probes[0]!.tags.includes('pgbouncer')
  const from = Math.min(...probes.map(({ minVersion }) => minVersion))
  const ends = probes.map(({ maxVersion }) => maxVersion)
  const name = (version: number): string =>
    pooler ? `1.${Math.floor(version / 100) % 100}` : String(Math.max(10, Math.floor(version / 10_000)))
  const first = from === 0 ? (pooler ? '1.8' : '10') : name(from)
  if (ends.includes(0)) return `${first}+`
  return `${first} to below ${name(Math.max(...ends))}`
}

const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
const text = page(await loadProbes())
if (values.check === true) {
  if (readFileSync(file, 'utf8') !== text) {
    throw new Error('docs/metrics.md is not what the catalogue gives; run: npm run docs:metrics')
  }
} else writeFileSync(file, text)
