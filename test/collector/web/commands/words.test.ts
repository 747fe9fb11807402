import { expect, test } from 'vitest'
import { whatText } from '../../../../collector/web/commands/audit-words.ts'
import {
  commandLevel,
  commandText,
  filterCommands,
  isUnderWay,
} from '../../../../collector/web/commands/command-words.ts'
import { someCommand } from './some-command.ts'

test.each([
  [
    '{"args":{"table":"public.a"},"keys":["k"],"kind":"vacuum","mode":"run","operator":"anna"}',
    'vacuum table=public.a, signed by anna',
  ],
  ['{"kind":"tune-apply","mode":"plan"}', 'tune-apply (plan only)'],
  ['vacuum', 'vacuum'],
  ['admin token first-admin (ed12)', 'admin token first-admin (ed12)'],
  ['{"chain":"pg-1","seq":3}', '{"chain":"pg-1","seq":3}'],
])('the entry %s is "%s"', (what, text) => expect(whatText({ what })).toBe(text))

test('a command is told as its operator wrote it, its longest values cut', () => {
  const args = { table: 'public.a', full: false, settings: 'x'.repeat(80) }
  expect(commandText(someCommand({ kind: 'vacuum', args }))).toBe(
    `vacuum table=public.a full=false settings=${'x'.repeat(57)}...`,
  )
})

test('what is under way has not ended in any way yet', () => {
  expect(isUnderWay(someCommand({ state: 'held' }))).toBe(true)
  expect(commandLevel(someCommand({ state: 'running' }))).toBeNull()
  expect(isUnderWay(someCommand({ state: 'expired' }))).toBe(false)
  expect(commandLevel(someCommand({ state: 'timed_out' }))).toBe('critical')
})

test('every word has to be found', () => {
  const commands = [
    someCommand({ id: 'a', node: 'pg-1', kind: 'vacuum', operator: 'anna' }),
    someCommand({ id: 'b', node: 'pg-2', kind: 'vacuum', operator: 'bert', requestedBy: 'bert' }),
  ]
  expect(filterCommands(commands, 'VACUUM anna').map(({ id }) => id)).toEqual(['a'])
  expect(filterCommands(commands, ' ')).toHaveLength(2)
})
