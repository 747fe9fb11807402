import type { Session } from '../../../agent/postgres/session.ts'
import type { ProbeDefinition } from '../../../agent/probes/definition.ts'
import { loadProbes } from '../../../agent/probes/load.ts'
import { createRowReader } from '../../../agent/probes/rows.ts'

/** What one probe said. */
export interface Answer {
  readonly probe: ProbeDefinition
  readonly rows: number
  /** By `name{label=value,...}`; a value that is none is not there. */
  readonly samples: Readonly<Record<string, number>>
  readonly durationMs: number
}

/** The probes of the catalogue that run once in each database of a server, without those of extensions. */
export async function databaseProbes(major: number): Promise<readonly ProbeDefinition[]> {
  const probes = await loadProbes()
  return probes.filter(
    ({ tags, skip, minVersion, maxVersion }) =>
      !skip &&
      !tags.some((tag) => tag === 'cluster' || tag === 'pgbouncer' || tag.startsWith('extension:')) &&
      minVersion <= major * 10_000 &&
      (maxVersion === 0 || major * 10_000 < maxVersion),
  )
}

/**
 * Asks as the agent does, within the probe's own timeout.
 * @returns undefined where a predicate does not hold
 * @throws Error for labels that two rows share
 */
export async function askProbe(session: Session, probe: ProbeDefinition): Promise<Answer | undefined> {
  const startedMs = performance.now()
  for (const { query } of probe.predicates) {
    const { rows } = await session.query({ text: query }, probe.timeoutMs)
    if (rows[0]?.[0] !== 't') return undefined
  }
  const result = await session.query({ text: probe.query }, probe.timeoutMs)
  const durationMs = performance.now() - startedMs
  const samples: Record<string, number> = {}
  for (const { metrics, labelNames, rows } of createRowReader(probe)(result)) {
    const seen = new Set<string>()
    for (const { labels, values } of rows) {
      const pairs = labelNames
        .map((name, i) => `${name}=${labels[i] ?? ''}`)
        .filter((pair) => !pair.endsWith('='))
      const suffix = pairs.length === 0 ? '' : `{${pairs.join()}}`
      if (seen.has(suffix)) throw new Error(`${probe.branch} gives ${suffix} twice`)
      seen.add(suffix)
      for (const [i, metric] of metrics.entries()) {
        const value = values[i]
        if (value !== undefined) samples[`${metric}${suffix}`] = value
      }
    }
  }
  return { probe, rows: result.rows.length, samples, durationMs }
}

/** Every probe in turn; those whose predicate does not hold are left out. */
export async function askAll(
  session: Session,
  probes: readonly ProbeDefinition[],
): Promise<ReadonlyMap<string, Answer>> {
  const answers = new Map<string, Answer>()
  for (const probe of probes) {
    const answer = await askProbe(session, probe)
    if (answer !== undefined) answers.set(probe.branch, answer)
  }
  return answers
}

/** All samples of several answers. */
export function samplesOf(answers: ReadonlyMap<string, Answer>): Readonly<Record<string, number>> {
  return Object.assign({}, ...[...answers.values()].map(({ samples }) => samples)) as Record<string, number>
}
