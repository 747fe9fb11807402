import { goFloatText } from './go-number.ts'

/** A Go struct: its fields are known, and asking for another one is an error. */
export interface TemplateRecord {
  readonly fields: ReadonlyMap<string, TemplateValue>
}

/**
 * What a template computes with. A bigint is Go's int and a number its float64, since Go keeps them apart (%d
 * against %f, no comparison between them). A map answers '' for a missing key, as Prometheus configures it.
 */
export type TemplateValue =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | ReadonlyMap<string, TemplateValue>
  | readonly TemplateValue[]
  | TemplateRecord

export function isMap(value: TemplateValue): value is ReadonlyMap<string, TemplateValue> {
  return value instanceof Map
}

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value)
}

export function isRecord(value: TemplateValue): value is TemplateRecord {
  return typeof value === 'object' && !isMap(value) && !isList(value)
}

/** Go's truth: anything but the zero value of its type, and structs always. */
export function isTrue(value: TemplateValue): boolean {
  if (isMap(value)) return value.size > 0
  if (isList(value)) return value.length > 0
  return isRecord(value) || (value !== '' && Boolean(value))
}

/** A value as text/template prints it (Go's %v). */
export function printValue(value: TemplateValue): string {
  if (value === undefined) return '<no value>'
  if (typeof value === 'number') return goFloatText(value)
  if (typeof value !== 'object') return String(value)
  if (isMap(value)) {
    const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, item]) => `${key}:${printValue(item)}`).join(' ')}]`
  }
  if (isList(value)) return `[${value.map(printValue).join(' ')}]`
  return `{${[...value.fields.values()].map(printValue).join(' ')}}`
}

/** How Go calls the type, for messages. */
export function typeName(value: TemplateValue): string {
  if (value === undefined) return 'nil'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  return isMap(value) ? 'map' : isList(value) ? 'list' : 'struct'
}
