import { readMetrics } from '../testbed/collector-api.ts'
import type { Verdict } from './verdict.ts'

/** What the store says about itself. */
export interface StoreFigures {
  readonly series: number
  readonly samples: number
  /** On disk: log and blocks. */
  readonly bytes: number
  readonly blocks: number
}

export interface Figures {
  readonly upMs: number
  readonly store: StoreFigures
  readonly verdict: Verdict
  /** 0 for one that does not run. */
  readonly agentBytes: readonly number[]
  readonly collectorBytes: number
  readonly transactions: number
  readonly workloadErrors: number
}

/** Reads the collector's own metrics. */
export async function readStoreFigures(collectorUrl: string): Promise<StoreFigures> {
  const metrics = await readMetrics(`${collectorUrl}/metrics`)
  const sumOf = (name: string): number => {
    const values = [...metrics].filter(([key]) => key === name || key.startsWith(`${name}{`))
    if (values.length === 0) throw new Error(`the collector's /metrics has no ${name}`)
    return values.reduce((sum, [, value]) => sum + value, 0)
  }
  return {
    series: sumOf('pgherd_store_series'),
    samples: sumOf('pgherd_store_samples_total'),
    bytes: sumOf('pgherd_store_bytes'),
    blocks: sumOf('pgherd_store_blocks'),
  }
}

/** The table at the end of a timed demo. */
export function renderSummary(figures: Figures): string {
  const { store, verdict } = figures
  const perSample = store.samples === 0 ? '-' : (store.bytes / store.samples).toFixed(2)
  const onDisk = `${megabytes(store.bytes)} on disk${store.blocks === 0 ? ', all of it log: no window is over yet' : ''}`
  const rows: readonly (readonly [string, string])[] = [
    ['time up', `${Math.round(figures.upMs / 1000)} s`],
    ['series', count(store.series)],
    ['samples', count(store.samples)],
    ['bytes per sample', `${perSample} (${onDisk})`],
    ['measurements', count(verdict.measurements)],
    ['gaps', verdict.missing === 0 ? 'none' : `${verdict.missing} measurements missing`],
    [
      'memory of the agents',
      figures.agentBytes.map((bytes) => (bytes === 0 ? '-' : megabytes(bytes))).join(', '),
    ],
    ['memory of the collector', megabytes(figures.collectorBytes)],
    ['transactions', `${count(figures.transactions)} (${figures.workloadErrors} failed)`],
  ]
  return rows.map(([name, value]) => `  ${name.padEnd(24)}${value}`).join('\n')
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
