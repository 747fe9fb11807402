/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`, the shape of a configuration file. */
export function nestOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(options)) {
    const keys = path.split('.')
    const last = keys.pop()!
    let map = root
    for (const key of keys) map = (map[key] ??= {}) as Record<string, unknown>
    map[last] = value
  }
  return root
}
