import { cumulative } from './model.ts'
import type { OtlpMetric } from './model.ts'

const units: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tebibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
}

const perUnits: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

/**
 * A metric's name in Prometheus' alphabet with the suffixes of its unit and kind, by Prometheus' default strategy
 * UnderscoreEscapingWithSuffixes (OpenTelemetry specification, compatibility/prometheus_and_openmetrics.md).
 * @returns '' when nothing is left of the name
 */
export function prometheusMetricName({ name, unit, kind, isMonotonic, temporality }: OtlpMetric): string {
  const tokens = tokensOf(name)
  if (tokens.length === 0) return ''
  const [main = '', per] = splitUnit(unit)
  const mainUnit = unitName(units, main)
  if (mainUnit !== '' && !tokens.includes(mainUnit)) tokens.push(mainUnit)
  const perUnit = per === undefined ? '' : unitName(perUnits, per)
  if (perUnit !== '' && !tokens.includes(perUnit)) tokens.push('per', perUnit)
  if (kind === 'sum' && isMonotonic && temporality === cumulative) moveToEnd(tokens, 'total')
  if (kind === 'gauge' && unit.trim() === '1') moveToEnd(tokens, 'ratio')
  const joined = tokens.join('_')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

/** A label's name in Prometheus' alphabet. */
export function prometheusLabelName(key: string): string {
  const name = key.replace(/[^a-zA-Z0-9_]/gu, '_')
  if (/^\d/.test(name)) return `key_${name}`
  return /^_(?!_)/.test(name) ? `key${name}` : name
}

function tokensOf(name: string): string[] {
  return name.split(/[^a-zA-Z0-9:]+/u).filter((token) => token !== '')
}

function splitUnit(unit: string): readonly string[] {
  const slash = unit.indexOf('/')
  return slash < 0 ? [unit] : [unit.slice(0, slash), unit.slice(slash + 1)]
}

/** Annotations in braces are no units. */
function unitName(names: Readonly<Record<string, string>>, unit: string): string {
  const trimmed = unit.trim()
  if (trimmed === '' || /[{}]/.test(trimmed)) return ''
  return Object.hasOwn(names, trimmed) ? names[trimmed]! : tokensOf(trimmed).join('_')
}

function moveToEnd(tokens: string[], suffix: string): void {
  const others = tokens.filter((token) => token !== suffix)
  tokens.splice(0, tokens.length, ...others, suffix)
}
