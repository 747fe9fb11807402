import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { argumentsOf, parseArguments } from '../../../agentctl/steer/parse-arguments.ts'
import type { ActionDescription } from '../../../common/command/action-description.ts'

const vacuum: ActionDescription = {
  kind: 'vacuum',
  what: 'vacuums a table',
  risk: 'change',
  target: 'server',
  deadlineMs: 1_000,
  examples: [],
  args: z.toJSONSchema(
    z.strictObject({
      database: z.string().describe('where it is'),
      pid: z.int().optional(),
      analyze: z.boolean().default(false),
      index_cleanup: z.enum(['auto', 'on', 'off']).optional(),
      tables: z.array(z.string()).optional(),
    }),
    { io: 'input' },
  ),
}

describe('the arguments of an action', () => {
  test('get the types that its schema has', () => {
    const words = ['database=app', 'pid=12', 'analyze', 'index_cleanup=off', 'tables=a,b', 'tables=c']
    expect(parseArguments(vacuum, words)).toEqual({
      database: 'app',
      pid: 12,
      analyze: true,
      index_cleanup: 'off',
      tables: ['a', 'b', 'c'],
    })
  })

  test('a value may contain the sign that ends the name', () => {
    expect(parseArguments(vacuum, ['database=a=b'])).toEqual({ database: 'a=b' })
  })

  test.each([
    [['databse=app'], 'database'],
    [['database=app', 'pid=x'], 'a number'],
    [['database=app', 'pid='], 'a number'],
    [['database=app', 'analyze=maybe'], 'true or false'],
    [['database=app', 'index_cleanup=never'], 'auto, on, off'],
    [['database=app', 'database=b'], 'once'],
    [['database'], 'database=<value>'],
    [['pid=1'], 'database missing'],
  ])('%j is wrong usage that says what is allowed', (words, said) => {
    expect(() => parseArguments(vacuum, words)).toThrow(said)
  })

  test('are told with their choices, defaults and whether they are needed', () => {
    const told = Object.fromEntries(argumentsOf(vacuum).map((one) => [one.name, one]))
    expect(told['database']).toMatchObject({ required: true, description: 'where it is' })
    expect(told['analyze']).toMatchObject({ required: false, fallback: false })
    expect(told['index_cleanup']?.choices).toEqual(['auto', 'on', 'off'])
  })
})
