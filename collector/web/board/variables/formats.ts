import { allInAddress } from './selection.ts'
import type { Selection } from './selection.ts'

/** For a string in double quotes. */
function quoted(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

/** A pattern that matches `text` and nothing else. */
function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}

/** For a PromQL matcher, as Grafana does it: alternatives where there may be several values, else the value as it is. */
export function forPromql(selection: Selection): string {
  const { values, isAll, allValue, isPattern } = selection
  if (isAll && allValue !== null) return allValue
  if (!isPattern) return quoted(values[0] ?? '')
  const patterns = values.map((value) => quoted(escaped(value)))
  return patterns.length === 1 ? patterns[0]! : `(${patterns.join('|')})`
}

export function forText({ values, isAll }: Selection): string {
  return isAll ? 'All' : values.join(' + ')
}

/** `var-cls=a&var-cls=b`. */
export function forAddress({ name, values, isAll }: Selection): string {
  return (isAll ? [allInAddress] : values.length === 0 ? [''] : values)
    .map((value) => `var-${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}

/** A value within an address, where the text around it names the parameter. */
export function withinAddress({ values, isAll }: Selection): string {
  return encodeURIComponent(isAll ? allInAddress : values.join(','))
}

/**
 * The formats that `${name:format}` may name
 * (grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/#advanced-variable-format-options).
 */
export const namedFormats: Readonly<Record<string, (selection: Selection) => string>> = {
  raw: (selection) => rawValues(selection).join(','),
  csv: (selection) => rawValues(selection).join(','),
  pipe: (selection) => rawValues(selection).join('|'),
  regex: (selection) => {
    const patterns = rawValues(selection).map((value) =>
      selection.isAll && selection.allValue !== null ? value : escaped(value),
    )
    return patterns.length === 1 ? patterns[0]! : `(${patterns.join('|')})`
  },
  glob: (selection) => {
    const values = rawValues(selection)
    return values.length === 1 ? values[0]! : `{${values.join(',')}}`
  },
  text: forText,
  json: (selection) => JSON.stringify(rawValues(selection)),
  singlequote: (selection) =>
    rawValues(selection)
      .map((value) => `'${value.replace(/'/g, "\\'")}'`)
      .join(','),
  doublequote: (selection) =>
    rawValues(selection)
      .map((value) => `"${quoted(value)}"`)
      .join(','),
  queryparam: forAddress,
  percentencode: (selection) => encodeURIComponent(rawValues(selection).join(',')),
}

function rawValues({ values, isAll, allValue }: Selection): readonly string[] {
  return isAll && allValue !== null ? [allValue] : values
}
