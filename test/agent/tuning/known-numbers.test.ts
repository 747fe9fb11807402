import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hostView } from '../../../agent/tuning/observe/host/host-view.ts'
import { views } from '../../../agent/tuning/observe/views.ts'

const directory = fileURLToPath(new URL('../../../agent/tuning', import.meta.url))
const observed = [...views, hostView]
const named = (kind: 'counters' | 'gauges'): ReadonlySet<string> =>
  new Set(observed.flatMap((view) => view[kind].map((column) => `${view.name}.${column}`)))
const counters = named('counters')
const gauges = named('gauges')

interface Asked {
  readonly file: string
  readonly name: string
  /** Undefined where the name stands alone, to be asked for elsewhere. */
  readonly kind: 'counter' | 'gauge' | undefined
}

const ofCounters = new Set(['increase', 'perSecond', 'peakPerSecond'])
const asking = /\b(increase|perSecond|peakPerSecond|mean|max|usualMax|last)\(\s*'([a-z0-9_]+\.[a-z0-9_]+)'/g
const viewNames = observed.map(({ name }) => name).join('|')
const alone = new RegExp(`'((?:${viewNames})\\.[a-z0-9_]+)'`, 'g')

/** Whatever reads evidence, by the numbers that it names. */
function askedIn(file: string): readonly Asked[] {
  const text = readFileSync(join(directory, file), 'utf8')
  return [
    ...[...text.matchAll(asking)].map(([, method = '', name = '']) => ({
      file,
      name,
      kind: ofCounters.has(method) ? ('counter' as const) : ('gauge' as const),
    })),
    ...[...text.matchAll(alone)].map(([, name = '']) => ({ file, name, kind: undefined })),
  ]
}

const asked = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('observe/'))
  .flatMap(askedIn)

test('every counter and gauge that is asked of evidence is one that a view gives', () => {
  const isKnown = ({ name, kind }: Asked): boolean =>
    (kind !== 'gauge' && counters.has(name)) || (kind !== 'counter' && gauges.has(name))
  expect(asked.filter((one) => !isKnown(one))).toEqual([])
  // All groups of rules are among them.
  expect(new Set(asked.map(({ name }) => name)).size).toBeGreaterThan(60)
})

test('every group of numbers that is asked for by the rest of its name is one of a view', () => {
  const prefix = /\b(?:increase|perSecond|peakPerSecond|mean|max|usualMax|last)\(\s*`([a-z0-9_]+)\.(?:\$\{)/g
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(directory, file), 'utf8').matchAll(prefix)].map(([, name]) => name),
    )
  expect(names.filter((name) => !observed.some((view) => view.name === name))).toEqual([])
})
