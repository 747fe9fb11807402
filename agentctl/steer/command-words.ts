/** An action's arguments as `agentctl run` takes them, for a person: texts with spaces and values of other kinds as JSON. */
export function argumentWords(args: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(args).map(([name, value]) => `${name}=${wordOf(value)}`)
}

function wordOf(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"']+$/.test(value)) return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && /^[^\s"',]+$/.test(one))) {
    return value.join(',')
  }
  return JSON.stringify(value)
}
