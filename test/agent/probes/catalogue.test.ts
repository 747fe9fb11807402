import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { insightFamilies } from '../../../agent/insight/metrics.ts'
import { metricName } from '../../../agent/probes/definition.ts'
import type { ProbeDefinition } from '../../../agent/probes/definition.ts'
import { loadProbes } from '../../../agent/probes/load.ts'
import { hasPromtool } from '../../collector/rules/promtool.ts'
import { referenceFamilies } from './reference-families.ts'

const probes = await loadProbes()

/** A server or pooler as far as versions and roles go. */
interface Kind {
  readonly kind: 'PostgreSQL' | 'pgBouncer'
  readonly version: number
  readonly role?: 'primary' | 'replica'
}

const servers = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19].flatMap((major) =>
  (['primary', 'replica'] as const).map((role): Kind => ({
    kind: 'PostgreSQL',
    version: major * 10_000,
    role,
  })),
)
const poolers = [10_800, 11_600, 11_800, 12_300, 12_400, 12_500].map((version): Kind => ({
  kind: 'pgBouncer',
  version,
}))

/** Whether a branch, of the reference or of ours, is for such a server. */
function fits(
  given: { readonly from: number; readonly below: number; readonly tags: readonly string[] },
  { kind, version, role }: Kind,
): boolean {
  if (given.tags.includes('pgbouncer') !== (kind === 'pgBouncer')) return false
  if (version < given.from || (given.below !== 0 && version >= given.below)) return false
  const other = role === 'primary' ? ['replica', 'standby'] : ['primary', 'leader']
  return role === undefined || !given.tags.some((tag) => other.includes(tag))
}

function plannedOn(kind: Kind): readonly ProbeDefinition[] {
  return probes.filter(
    ({ minVersion, maxVersion, tags, skip }) =>
      !skip && fits({ from: minVersion, below: maxVersion, tags }, kind),
  )
}

const labelsOf = (probe: ProbeDefinition): readonly string[] =>
  probe.columns
    .filter(({ usage }) => usage === 'LABEL')
    .map(({ name }) => name)
    .sort()

/** Every metric with its labels and type. */
function describeMetrics(planned: readonly ProbeDefinition[]): Set<string> {
  return new Set(
    planned.flatMap((probe) =>
      probe.columns
        .filter(({ usage }) => usage !== 'LABEL' && usage !== 'DISCARD')
        .map((column) => line(metricName(probe, column), labelsOf(probe), column.usage)),
    ),
  )
}

const line = (metric: string, labels: readonly string[], type: string): string =>
  `${metric}{${labels.join(',')}} ${type}`

/** What insight gives in place of a probe, on every server. */
const ofInsight = new Set(
  insightFamilies
    .flatMap(({ metrics }) => metrics)
    .map(({ name, kind, labels }) => line(name, labels, kind.toUpperCase())),
)

/** What the reference has and we have not, and why. */
const exceptions: readonly { readonly metric: RegExp; readonly from: number; readonly below: number }[] = [
  // Its function is for superusers alone, whatever is granted.
  { metric: /^pg_origin_/, from: 100_000, below: 140_000 },
]

function missingOn(kind: Kind): readonly string[] {
  const ours = describeMetrics(plannedOn(kind))
  return referenceFamilies
    .filter((family) => fits(family, kind))
    .flatMap(({ name, labels, metrics }) =>
      [...metrics].map(([metric, type]) => line(`${name}_${metric}`, labels, type)),
    )
    .filter((metric) => !ours.has(metric) && !ofInsight.has(metric))
    .filter(
      (metric) =>
        !exceptions.some(
          (one) => one.metric.test(metric) && kind.version >= one.from && kind.version < one.below,
        ),
    )
}

/** Branches that may run together and give one metric. */
const together = [
  // Each has a value of a label that no other of them has.
  /^pg_size(_log)?$/,
  /^pg_config_file_(settings|hba|ident)$/,
  // Of their predicates one holds.
  /^pg_(table|index)_bloat(_fixed)?$/,
]

describe.each([...servers, ...poolers])('the catalogue on $kind $version $role', (kind) => {
  test('has every metric of the reference with its labels and its type', () => {
    expect(missingOn(kind)).toEqual([])
  })

  test('gives each metric by one branch', () => {
    const owners = new Map<string, string[]>()
    for (const probe of plannedOn(kind)) {
      const group = together.find((one) => one.test(probe.branch))?.source ?? probe.branch
      for (const column of probe.columns) {
        if (column.usage === 'LABEL' || column.usage === 'DISCARD') continue
        const name = metricName(probe, column)
        owners.set(name, [...new Set([...(owners.get(name) ?? []), group])])
      }
    }
    expect([...owners].filter(([, branches]) => branches.length > 1)).toEqual([])
  })
})

describe('the catalogue', () => {
  test('gives a metric one type and one set of labels in all its branches', () => {
    const seen = new Map<string, Set<string>>()
    for (const probe of probes) {
      for (const text of describeMetrics([probe])) {
        const name = text.slice(0, text.indexOf('{'))
        seen.set(name, (seen.get(name) ?? new Set()).add(text))
      }
    }
    const labelsGrew = /^pgbouncer_pool_/
    expect(
      [...seen]
        .filter(([name, texts]) => texts.size > 1 && !labelsGrew.test(name))
        .map(([, texts]) => [...texts]),
    ).toEqual([])
  })

  test('says of every probe and column what it is', () => {
    const silent = probes.flatMap((probe) => [
      ...(probe.description === '' ? [probe.branch] : []),
      ...probe.columns
        .filter(({ description }) => description === '')
        .map(({ name }) => `${probe.branch}.${name}`),
    ])
    expect(silent).toEqual([])
  })

  test('tells for every privilege how it is granted', () => {
    const predicates = probes.flatMap((probe) => probe.predicates)
    for (const { query, grant } of predicates) {
      const isLack = query.trim().startsWith('select not bool_and(')
      if (!/has_\w+_privilege/.test(query) || isLack) continue
      expect(grant, query).toMatch(/^(GRANT|DO \$\$) .*TO \{role\}/s)
    }
  })

  test.skipIf(!hasPromtool)('is text that Prometheus can read', () => {
    const text = probes.flatMap((probe) => {
      const labels = labelsOf(probe).map((label) => `${label}="${probe.branch}"`)
      return probe.columns
        .filter(({ usage }) => usage === 'COUNTER' || usage === 'GAUGE')
        .map((column) => ({
          name: metricName(probe, column),
          type: column.usage.toLowerCase(),
          sample: `${metricName(probe, column)}{${labels.join(',')}} 1`,
        }))
    })
    const names = [...new Set(text.map(({ name }) => name))]
    const input = names.flatMap((name) => {
      const all = text.filter((one) => one.name === name)
      return [`# TYPE ${name} ${all[0]!.type}`, ...new Set(all.map(({ sample }) => sample))]
    })
    const { stderr } = spawnSync('promtool', ['check', 'metrics'], { input: `${input.join('\n')}\n` })
    // What it thinks of names is said of every metric of the reference too; what it cannot read stops it.
    expect(stderr.toString()).not.toContain('error while linting')
  })
})
