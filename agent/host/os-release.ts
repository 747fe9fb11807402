import type { SampleTable } from '../../common/series/sample-table.ts'
import { infoTable, linesOf, numberOf } from './table.ts'

const infoLabels = [
  'build_id',
  'id',
  'id_like',
  'image_id',
  'image_version',
  'name',
  'pretty_name',
  'variant',
  'variant_id',
  'version',
  'version_codename',
  'version_id',
]

/** The text of os-release(5): what the distribution says it is, and its version as far as that is a number. */
export function parseOsRelease(text: string): readonly SampleTable[] {
  const found = new Map<string, string>()
  for (const line of linesOf(text)) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line.trim())
    if (match !== null) found.set(match[1]!.toLowerCase(), unquote(match[2]!))
  }
  const of = (name: string): string => found.get(name) ?? ''
  const tables = [infoTable('node_os_info', Object.fromEntries(infoLabels.map((name) => [name, of(name)])))]
  const version = numberOf(/^\d+(?:\.\d+)?/.exec(of('version_id'))?.[0])
  if (version !== undefined) {
    tables.push({
      metrics: ['node_os_version'],
      labelNames: ['id', 'id_like', 'name'],
      rows: [{ labels: [of('id'), of('id_like'), of('name')], values: [version] }],
    })
  }
  return tables
}

/** Shell quotes, and backslashes within double ones. */
function unquote(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1)
  const inner = /^".*"$/.test(value) ? value.slice(1, -1) : value
  return inner.replaceAll(/\\(["$`\\])/g, '$1')
}
