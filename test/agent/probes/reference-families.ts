import { readFileSync } from 'node:fs'
import { z } from 'zod'

const words = z.string().transform((text) => text.split(' ').filter((word) => word !== ''))

/**
 * The branches of pg_exporter 1.4.1 (commit 75822839, Apache-2.0): which versions and roles each is for, its labels,
 * and its metrics by type. Facts alone: what dashboards and rules written for it look for.
 */
const families = z.record(
  z.string(),
  z
    .strictObject({
      name: z.string(),
      /** server_version_num from which on, and below which; 0 is open. Of pgBouncer 1.18 it is 11800. */
      from: z.number(),
      below: z.number(),
      tags: words,
      labels: words,
      counters: words.default([]),
      gauges: words.default([]),
      histograms: words.default([]),
      skip: z.boolean().default(false),
    })
    .transform(({ counters, gauges, histograms, ...family }) => ({
      ...family,
      metrics: new Map([
        ...counters.map((metric) => [metric, 'COUNTER'] as const),
        ...gauges.map((metric) => [metric, 'GAUGE'] as const),
        ...histograms.map((metric) => [metric, 'HISTOGRAM'] as const),
      ]),
    })),
)

export const referenceFamilies = Object.entries(
  families.parse(
    JSON.parse(readFileSync(new URL('reference-families.json', import.meta.url), 'utf8')) as unknown,
  ),
).map(([branch, family]) => ({ branch, ...family }))
