/** What the library writes although it says nothing: its defaults, and `placement`, which would hide what it stands at in a menu. */
const saidByDefault: Readonly<Record<string, unknown>> = {
  placement: 'inControlsMenu',
  icon: '',
  tooltip: '',
  transparent: false,
  repeatDirection: 'h',
  skipUrlSync: false,
  auto: false,
  auto_min: '10s',
  auto_count: 30,
}

/** A replacer for JSON.stringify. A link of a panel or a column is its title and its address; what else there is belongs to links of boards. */
export function withoutDefaults(key: string, value: unknown): unknown {
  if (key in saidByDefault && saidByDefault[key] === value) return undefined
  return isDrillDown(value) ? { title: value.title, url: value.url } : value
}

function isDrillDown(value: unknown): value is { readonly title: string; readonly url: string } {
  if (typeof value !== 'object' || value === null || !('url' in value) || !('title' in value)) return false
  return typeof value.url === 'string' && value.url.includes('${__url_time_range}')
}
