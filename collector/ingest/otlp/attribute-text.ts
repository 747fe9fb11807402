/** A value of an attribute: an integer is a bigint, to be told from a double. */
export type AttributeValue =
  string | boolean | number | bigint | null | readonly AttributeValue[] | ReadonlyMap<string, AttributeValue>

/** As the label that it becomes: what is no single value is JSON. */
export function valueText(value: AttributeValue): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : typeof value === 'object' ? jsonText(value) : String(value)
}

function jsonText(value: AttributeValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value))
  if (typeof value !== 'object' || value === null) return String(value)
  if ('map' in value) return `[${value.map(jsonText).join(',')}]`
  const fields = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, own]) => `${JSON.stringify(key)}:${jsonText(own)}`).join(',')}}`
}
