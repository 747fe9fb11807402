import { describe, expect, test } from 'vitest'
import { describeAction } from '../../../agent/actions/describe-action.ts'
import { kinds } from '../../../agent/actions/kinds.ts'
import { isSameSetting, settingValue } from '../../../agent/postgres/setting-value.ts'
import { actionDescription } from '../../../common/command/action-description.ts'
import type { LogLevel } from '../../../common/log.ts'
import { commandPayload } from '../../../common/command/payload.ts'
import { contextOver } from './action-context.ts'

describe.each(kinds.map((action) => [action.kind, action] as const))('the action %s', (kind, action) => {
  test('can be described to agentctl, with a sentence for each argument', () => {
    const description = actionDescription.parse(describeAction(action))
    expect(description).toMatchObject({ kind, args: { type: 'object', additionalProperties: false } })
    const properties = Object.entries(description.args['properties'] ?? {}) as [string, object][]
    expect(properties.filter(([, schema]) => !('description' in schema))).toEqual([])
  })

  test('has a kind that a command can carry, and an example that names it', () => {
    expect(commandPayload.shape.kind.safeParse(kind).success).toBe(true)
    expect(action.examples.filter((example) => !example.includes(kind))).toEqual([])
    expect(action.examples.length).toBeGreaterThan(0)
  })

  test('refuses an argument that it does not know', () => {
    const { error } = action.args.safeParse({ nonsense: 1 })
    expect(error?.message).toContain('nonsense')
  })
})

test('every kind is there once', () => {
  const names = kinds.map(({ kind }) => kind)
  expect(new Set(names).size).toBe(names.length)
})

describe('a session is named', () => {
  const { args } = kinds.find(({ kind }) => kind === 'terminate-session')!
  test.each([
    [{ pid: 1, backend_start: '2026-11-27 02:31:12.123456+00' }, true],
    [{ pid: 1, backend_start: '2026-11-27T02:31:12Z', xact_start: 'any' }, true],
    [{ pid: 1 }, false],
    [{ pid: 1, backend_start: 'now' }, false],
    [{ pid: 1, backend_start: 'infinity' }, false],
    [{ pid: -1, backend_start: '2026-11-27 02:31:12+00' }, false],
    [{ pid: 1, backend_start: '2026-11-27 02:31:12+00', xact_start: 'today' }, false],
  ])('%j: %s', (given, isTaken) => {
    expect(args.safeParse(given).success).toBe(isTaken)
  })
})

describe('a setting in a file is the same as', () => {
  const buffers = { vartype: 'integer', unit: '8kB' }
  test.each([
    ['16MB', buffers, '2048'],
    ['2048', buffers, '2048'],
    ['0.5GB', buffers, '65536'],
    ['1min', { vartype: 'integer', unit: 'ms' }, '60000'],
    ['1.5s', { vartype: 'integer', unit: 'ms' }, '1500'],
    ['1d', { vartype: 'integer', unit: 'min' }, '1440'],
    ['1GB', { vartype: 'integer', unit: 'MB' }, '1024'],
    ['yes', { vartype: 'bool', unit: null }, 'on'],
    ['0', { vartype: 'bool', unit: null }, 'off'],
    ['Replica', { vartype: 'enum', unit: null }, 'replica'],
    ['0x10', { vartype: 'integer', unit: null }, '16'],
    ['200MB', { vartype: 'string', unit: null }, '200MB'],
    ['5 parsecs', { vartype: 'integer', unit: 'ms' }, '5 parsecs'],
  ])('%s of %j: %s', (text, type, value) => {
    expect(settingValue(text, type)).toBe(value)
  })

  test('another spelling of the same number', () => {
    expect(isSameSetting('1.50', '1.5', { vartype: 'real', unit: null })).toBe(true)
    expect(isSameSetting('1.51', '1.5', { vartype: 'real', unit: null })).toBe(false)
  })
})

describe('about the node itself', () => {
  const of = (kind: string) => kinds.find((action) => action.kind === kind)!
  const context = contextOver(() => Promise.reject(new Error('no server is asked')))

  test('ping answers with the version', async () => {
    expect((await of('ping').run(context, {})).message).toBe('pg-test-1 runs pgherd test.')
  })

  test('scrape-now tells what it measured', async () => {
    expect((await of('scrape-now').run(context, {})).message).toBe('Measured 300 samples of 2 sources.')
  })

  test('facts are a value', async () => {
    expect((await of('facts').run(context, {})).output).toEqual([
      { type: 'facts', title: 'pg-test-1', facts: { node: 'pg-test-1' } },
    ])
  })

  test('log-level is checked after it was set', async () => {
    let level: LogLevel = 'info'
    const agent = {
      ...context.agent,
      logLevel: () => level,
      setLogLevel: (to: LogLevel) => void (level = to),
    }
    const args = { level: 'debug' }
    expect(await of('log-level').plan({ ...context, agent }, args)).toEqual([
      'sets the log level from info to debug',
    ])
    const done = await of('log-level').run({ ...context, agent }, args)
    expect(await of('log-level').verify!({ ...context, agent }, args, done)).toEqual([
      'the agent logs from debug on',
    ])
  })
})
