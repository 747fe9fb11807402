import { isMap, parseDocument } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../../common/errors.ts'
import { usualTimeoutMs } from './definition.ts'
import type { ColumnDefinition, ProbeDefinition } from './definition.ts'
import { branchSchema } from './schema.ts'
import type { GivenBranch, GivenColumn } from './schema.ts'

/** `timeout: -1` lifts the limit of the probe; the deadline of the scrape stays. */
const unlimitedMs = 3_600_000

const metricPattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

export interface ParsedProbes {
  readonly probes: readonly ProbeDefinition[]
  /** One line each: file, branch and key, what was there and what is allowed. */
  readonly problems: readonly string[]
}

/**
 * Reads one file of probes.
 * @param priority of the branches that give none
 */
export function parseProbes(text: string, file: string, priority: number): ParsedProbes {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, merge: true })
  const syntax = document.errors.map(
    (error) => `${file}: ${error.message.split('\n')[0] ?? 'is not valid YAML'}`,
  )
  if (syntax.length > 0) return { probes: [], problems: syntax }
  if (document.contents === null) return { probes: [], problems: [] }
  if (!isMap(document.contents)) {
    return { probes: [], problems: [`${file}: was no map; allowed: branches with their definitions`] }
  }
  let branches: Readonly<Record<string, unknown>>
  try {
    branches = document.toJS() as Readonly<Record<string, unknown>>
  } catch (error) {
    // An alias without its anchor, or one that multiplies itself.
    return { probes: [], problems: [`${file}: ${messageOf(error)}`] }
  }
  const probes: ProbeDefinition[] = []
  const problems: string[] = []
  for (const [branch, given] of Object.entries(branches)) {
    const checked = branchSchema.safeParse(given)
    const found: Problem[] = checked.success
      ? []
      : checked.error.issues.map((issue) => problemOf(issue, given))
    if (checked.success) {
      const probe = complete(checked.data, { branch, file, priority })
      found.push(...inconsistencies(probe, checked.data.metrics))
      probes.push(probe)
    }
    problems.push(
      ...found.map(({ key, what }) => `${file}: ${branch}${key === '' ? '' : `.${key}`}: ${what}`),
    )
  }
  return { probes, problems }
}

interface Problem {
  readonly key: string
  readonly what: string
}

function problemOf(issue: z.core.$ZodIssue, given: unknown): Problem {
  const key = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return { key, what: `${issue.keys.join(', ')} is no key; allowed: those of pg_exporter's schema` }
  }
  let value = given
  for (const step of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step]
  const was = value === undefined ? 'is missing' : `was ${JSON.stringify(value)}`
  return { key, what: `${was}; allowed: ${issue.message}` }
}

function complete(
  given: GivenBranch,
  from: { readonly branch: string; readonly file: string; readonly priority: number },
): ProbeDefinition {
  const { timeout = 0 } = given
  return {
    branch: from.branch,
    file: from.file,
    name: given.name ?? from.branch,
    description: given.desc ?? '',
    query: given.query,
    predicates: (given.predicate_queries ?? []).map((predicate, i) => ({
      name: predicate.name ?? `${i + 1}`,
      query: predicate.predicate_query,
      ttlMs: (predicate.ttl ?? 0) * 1000,
      grant: predicate.grant,
    })),
    tags: given.tags ?? [],
    ttlMs: (given.ttl ?? 0) * 1000,
    timeoutMs: timeout < 0 ? unlimitedMs : timeout === 0 ? usualTimeoutMs : timeout * 1000,
    priority: given.priority ?? from.priority,
    budgetMs: given.budget,
    minVersion: given.min_version ?? 0,
    maxVersion: given.max_version ?? 0,
    fatal: given.fatal ?? false,
    skip: given.skip ?? false,
    columns: given.metrics.flatMap((entry) => Object.entries(entry).map(completeColumn)),
  }
}

function completeColumn([column, given]: [string, GivenColumn]): ColumnDefinition {
  return {
    column,
    usage: given.usage,
    name: given.rename ?? column,
    description: given.description ?? '',
    default: given.default ?? undefined,
    numbersOnly: given.numbers_only ?? false,
    scale: given.scale ?? 1,
    buckets: given.bucket ?? [],
  }
}

/** Rules between keys, and between the columns of a branch. */
function inconsistencies(probe: ProbeDefinition, metrics: GivenBranch['metrics']): Problem[] {
  const problems: Problem[] = []
  const say = (key: string, what: string): void => void problems.push({ key, what })
  for (const [i, entry] of metrics.entries()) {
    if (Object.keys(entry).length !== 1) say(`metrics.${i}`, 'was no map of one column; allowed: one')
  }
  if (probe.maxVersion !== 0 && probe.maxVersion <= probe.minVersion) {
    say('max_version', `was ${probe.maxVersion}; allowed: above min_version, which is not included`)
  }
  if (!probe.columns.some(({ usage }) => usage !== 'LABEL' && usage !== 'DISCARD')) {
    say('metrics', 'has no value; allowed: at least one GAUGE, COUNTER, HISTOGRAM or ROWS')
  }
  const columns = new Set<string>()
  const names = new Set<string>()
  const histogram = probe.columns.some(({ usage }) => usage === 'HISTOGRAM')
  for (const column of probe.columns) {
    const key = `metrics.${column.column}`
    if (columns.has(column.column)) say(key, 'stands there twice; allowed: each column once')
    columns.add(column.column)
    if (column.usage === 'DISCARD') continue
    const label = column.usage === 'LABEL'
    const pattern = label ? labelPattern : metricPattern
    if (!pattern.test(label ? column.name : `${probe.name}_${column.name}`)) {
      say(key, `was named ${JSON.stringify(column.name)}; allowed: letters, digits and underscores`)
    }
    if (label && (column.name.startsWith('__') || (histogram && column.name === 'le'))) {
      say(key, `was named ${column.name}, which is reserved; allowed: another name`)
    }
    for (const name of namesOf(column)) {
      if (names.has(name)) say(key, `gives ${name} a second time; allowed: each name once`)
      names.add(name)
    }
  }
  return problems
}

/** Label names and metric names do not share a space; a histogram takes three names. */
function namesOf({ usage, name }: ColumnDefinition): readonly string[] {
  if (usage === 'LABEL') return [`label ${name}`]
  if (usage === 'HISTOGRAM') return [`metric ${name}_bucket`, `metric ${name}_sum`, `metric ${name}_count`]
  return [`metric ${name}`]
}
