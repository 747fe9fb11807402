import { labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { setStale } from '../../../common/series/stale.ts'

export interface DiverseSeries {
  readonly labels: LabelSet
  readonly timestamps: readonly number[]
  readonly values: Float64Array
}

/** From the evening of the 29th of February to after midnight, so that date functions have something to say. */
export const firstMs = Date.UTC(2024, 1, 29, 22, 50)
export const lastMs = firstMs + 100 * 60_000

/**
 * No sample lies on a whole second, nor 1 ms after one. Queries of whole seconds, or 1 ms later, therefore never have a
 * sample exactly at the left end of a window, the one place where Prometheus 2 and 3 differ in what a window holds.
 */
const sampleOffsetMs = 217

type Shape = (i: number, timeMs: number) => number | 'stale' | undefined

/** Series of every shape that a function can be surprised by, 15 s apart unless the name says otherwise. */
export function diverseSeries(): DiverseSeries[] {
  const series: DiverseSeries[] = []
  const add = (name: string, labels: Record<string, string>, shape: Shape, stepMs = 15_000, jitterMs = 0) => {
    const timestamps: number[] = []
    const values: (number | 'stale')[] = []
    for (let i = 0; ; i++) {
      const jitter = jitterMs === 0 ? 0 : Math.floor(noise(i, 77) * jitterMs) * 1000
      const timeMs = firstMs + i * stepMs + jitter + sampleOffsetMs
      if (timeMs > lastMs) break
      const value = shape(i, timeMs)
      if (value === undefined) continue
      timestamps.push(timeMs)
      values.push(value)
    }
    const bits = Float64Array.from(values, (value) => (value === 'stale' ? 0 : value))
    for (const [i, value] of values.entries()) if (value === 'stale') setStale(bits, i)
    series.push({ labels: labelSet({ __name__: name, job: 'lab', ...labels }), timestamps, values: bits })
  }

  for (const [k, instance] of ['a:9', 'b:9', 'c:9'].entries()) {
    for (const [t, type] of ['free', 'used', 'cached'].entries()) {
      const base = 1e9 * (k + 1) + 1e8 * t
      add('memory_bytes', { instance, type }, (i) => base + Math.round(1e7 * Math.sin(i / (7 + k + t))))
    }
    add('cpus', { instance }, () => 2 ** k)
    for (const [m, mode] of ['user', 'system', 'idle'].entries()) {
      const rate = 0.3 + k * 0.7 + m * 1.9
      // One of them starts from zero again twice.
      const restart = k === 1 ? 130 : Infinity
      add('cpu_seconds_total', { instance, mode }, (i) => (i % restart) * rate + noise(i, m) * 0.2)
    }
    add('batch_success_seconds', { instance }, (_, timeMs) => Math.floor(timeMs / 600_000) * 600 + k)
    for (const [p, path] of ['/a', '/b'].entries()) {
      const bounds = [0.005, 0.05, 0.5, 1, 2.5, 10, Infinity]
      for (const [b, bound] of bounds.entries()) {
        const le = bound === Infinity ? '+Inf' : String(bound)
        add('latency_seconds_bucket', { instance, path, le }, (i) => Math.floor(i * (b + 1) * (1 + p + k)))
      }
      add('latency_seconds_sum', { instance, path }, (i) => i * (1 + p + k) * 3.25)
      add('latency_seconds_count', { instance, path }, (i) => i * 7 * (1 + p + k))
    }
  }
  add('restarts', { instance: 'a:9' }, (i) => [5, 9, 2, 2, 3, 0, 7][i % 7]!)
  add('restarts', { instance: 'b:9' }, (i) => Math.floor(noise(i, 5) * 4))
  add('rare_total', { instance: 'a:9' }, (i) => Math.floor(i / 9))
  add('late', { instance: 'a:9' }, (i) => (i < 200 ? undefined : i - 200))
  add('late', { instance: 'b:9' }, (i) => (i < 250 ? undefined : 4))
  add('ended', { instance: 'a:9' }, (i) => (i < 210 ? i : i === 210 ? 'stale' : undefined))
  add('ended', { instance: 'b:9' }, (i) => (i < 215 ? 3 * i : undefined))
  add('blinking', { instance: 'a:9' }, (i) => (i % 20 === 19 ? 'stale' : i % 20 > 12 ? undefined : i))
  add('gaps', { instance: 'a:9' }, (i) => (i % 60 < 25 ? i * 1.5 : undefined))
  add('gaps', { instance: 'b:9' }, (i) => (noise(i, 9) < 0.5 ? i * i : undefined))
  add('odd', { kind: 'nan' }, (i) => (i % 3 === 0 ? NaN : i))
  add('odd', { kind: 'inf' }, (i) => (i % 5 === 0 ? Infinity : i))
  add('odd', { kind: 'minus inf' }, (i) => (i % 4 === 0 ? -Infinity : -i))
  add('odd', { kind: 'zero' }, (i) => (i % 2 === 0 ? -0 : 0))
  add('odd', { kind: 'only nan' }, () => NaN)
  add('odd', { kind: 'tiny' }, (i) => 5e-324 * (i + 1))
  add('odd', { kind: 'huge' }, (i) => 1.7e308 - i * 1e305)
  add('big_integers', {}, (i) => 9_007_199_254_740_991 - i)
  add('fractions', {}, (i) => (noise(i, 21) - 0.5) * 10 ** ((i % 60) - 30))
  add('slow', { instance: 'a:9' }, (i) => 100 + 3 * i, 120_000)
  add('slow_total', { instance: 'a:9' }, (i) => i * 12, 120_000)
  add('jitter', { instance: 'a:9' }, (i) => 10 + i * 0.5, 15_000, 11)
  add('jitter_total', { instance: 'a:9' }, (i) => 7 * (i % 90), 15_000, 11)
  add('text', { value: 'say "hi"\n\tback\\slash' }, (i) => i)
  add('text', { value: 'größe ☃ 𝒳 <&>' }, (i) => 2 * i)
  add('text', { value: '1.50', extra: 'x' }, () => 3)
  add('flag', { instance: 'a:9' }, (i) => i % 2)
  add('flag', { instance: 'b:9' }, (i) => (i % 40 < 20 ? 1 : 0))
  for (let k = 0; k < 12; k++) add('doubles', { k: String(k) }, (i) => anyDouble(i * 12 + k))
  return series
}

/** Doubles near the sizes at which their texts change, and any bits. */
function anyDouble(i: number): number {
  const edge = [1e21, 1e20, 1e-6, 1e-7, 1e-5, 2 ** 53, 1e15, 123456789, 2 ** -1022, 1e300][i % 20]
  if (edge !== undefined) return edge * (1 + ((i % 7) - 3) * Number.EPSILON * Math.floor(noise(i, 1) * 4))
  const bits = new Uint32Array([noise(i, 2) * 2 ** 32, noise(i, 3) * 2 ** 32])
  return new Float64Array(bits.buffer)[0]!
}

/** A number in [0, 1) that depends on both. */
function noise(i: number, seed: number): number {
  const x = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453
  return x - Math.floor(x)
}
