import { fileURLToPath } from 'node:url'

/** One way to run the agent: what of insight is on. */
export interface Configuration {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

const parts = ['statements', 'waits', 'schema', 'indexes'] as const
const policy = fileURLToPath(new URL('../../agent/insight/watchdog/example.yaml', import.meta.url))

const only = (wanted: readonly string[]): Readonly<Record<string, unknown>> => ({
  'insight.enabled': true,
  ...Object.fromEntries(parts.map((part) => [`insight.${part}`, wanted.includes(part)])),
  ...(wanted.includes('watchdog') ? { 'watchdog.policy_file': policy } : {}),
})

export const without: Configuration = { name: 'without', options: { 'insight.enabled': false } }
export const all: Configuration = { name: 'all', options: only([...parts, 'watchdog']) }
export const each: readonly Configuration[] = [...parts, 'watchdog'].map((part) => ({
  name: part,
  options: only([part]),
}))
