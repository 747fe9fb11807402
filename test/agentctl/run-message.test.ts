import { expect, test } from 'vitest'
import { runMessage } from '../../agentctl/run-message.ts'

const members = (ageMs: number) => [{ ageMs, report: { node: 'pg-main-1' } }]
const running = { outcome: 'running', node: 'pg-main-1', message: '' } as const

test('a run whose agent is heard of says what it says', () => {
  expect(runMessage({ ...running, message: '40 %' }, members(60_000))).toBe('40 %')
})

test('one whose agent is silent is not known to run', () => {
  expect(runMessage(running, members(600_000))).toBe(
    'its agent was heard of 10m00s ago; whether it still runs is not known',
  )
})

test('one that has ended, or of a member that nobody knows, is left as it is', () => {
  expect(runMessage({ ...running, outcome: 'done', message: 'Backup.' }, members(600_000))).toBe('Backup.')
  expect(runMessage(running, [])).toBe('')
})
