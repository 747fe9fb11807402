import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { addEventLoopDelay, withoutEventLoop } from './event-loop-delay.ts'

/** A figure about the program itself, kept by one of its parts and read when /metrics is asked for. */
export interface Figure {
  /** A counter's name ends in `_total`; everything else is a gauge. */
  readonly name: string
  readonly help: string
  /** One number, or one per value of `label`, or what is named by several labels. */
  read(): number | Readonly<Record<string, number>> | readonly LabelledValue[]
  readonly label?: string
  readonly labels?: readonly string[]
}

export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A registry with the process's own figures (memory, CPU, event loop) and those given. */
export function createSelfMetrics(figures: readonly Figure[]): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, ...withoutEventLoop })
  addEventLoopDelay(registry)
  for (const figure of figures) {
    const options = {
      name: figure.name,
      help: figure.help,
      labelNames: figure.labels ?? (figure.label === undefined ? [] : [figure.label]),
      registers: [registry],
    }
    if (figure.name.endsWith('_total')) {
      const counter: Counter = new Counter({
        ...options,
        collect() {
          // The part counts by itself; a Counter has no set().
          counter.reset()
          forEachValue(figure, (labels, value) => counter.inc(labels, value))
        },
      })
    } else {
      const gauge: Gauge = new Gauge({
        ...options,
        collect() {
          gauge.reset()
          forEachValue(figure, (labels, value) => gauge.set(labels, value))
        },
      })
    }
  }
  return registry
}

function forEachValue(
  figure: Figure,
  take: (labels: Readonly<Record<string, string>>, value: number) => void,
): void {
  const read = figure.read()
  if (typeof read === 'number') take({}, read)
  else if (isList(read)) for (const { labels, value } of read) take(labels, value)
  else for (const [key, value] of Object.entries(read)) take({ [figure.label ?? '']: key }, value)
}

function isList(read: object): read is readonly LabelledValue[] {
  return Array.isArray(read)
}
