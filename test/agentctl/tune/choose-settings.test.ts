import { describe, expect, test } from 'vitest'
import { chooseSettings, chosenOf, saidSettings } from '../../../agentctl/tune/choose-settings.ts'
import { adviceWith, proposed } from './made-up.ts'

const advice = adviceWith([
  proposed('work_mem'),
  proposed('shared_buffers', { needs: 'restart', proposed: '4GB' }),
  proposed('work_mem', {
    needs: 'per-database',
    target: 'role report',
    statement: "ALTER ROLE report SET work_mem = '64MB'",
    proposed: '64MB',
  }),
])
const names = (choice: Parameters<typeof chooseSettings>[1]) => [
  ...chooseSettings(advice, choice).settings.keys(),
]

describe('of what is advised for the server', () => {
  test('everything is chosen unless told, and nothing that is for a role', () => {
    expect([...chooseSettings(advice, {}).settings]).toEqual([
      ['work_mem', '16MB'],
      ['shared_buffers', '4GB'],
    ])
  })

  test('what is for a role is told with its statement', () => {
    expect(chooseSettings(advice, {}).left).toEqual([
      "work_mem = 64MB is for role report, which is yours to do: ALTER ROLE report SET work_mem = '64MB'",
    ])
  })

  test.each([
    [{ only: ['work_mem'] }, ['work_mem']],
    [{ except: ['work_mem'] }, ['shared_buffers']],
    [{ only: ['work_mem', 'shared_buffers'], except: ['work_mem'] }, ['shared_buffers']],
    [{ restart: false }, ['work_mem']],
  ])('%j leaves %j', (choice, left) => {
    expect(names(choice)).toEqual(left)
    expect(chosenOf(advice, choice).map(({ parameter }) => parameter)).toEqual(left)
  })

  test('what --no-restart leaves out is told', () => {
    expect(chooseSettings(advice, { restart: false }).left[0]).toBe(
      'shared_buffers = 4GB needs a restart (--no-restart)',
    )
  })

  test('a name about which nothing is advised is a mistake that names those that are near', () => {
    expect(() => names({ only: ['work_men'] })).toThrow(
      'no change of work_men is advised; there are: work_mem (--set sets what you want)',
    )
    const resting = { ...advice, notes: ['max_wal_senders was changed 2 h ago and rests for 24 h'] }
    expect(() => chooseSettings(resting, { only: ['max_wal_senders'] })).toThrow(
      'no change of max_wal_senders is advised (max_wal_senders was changed 2 h ago and rests for 24 h); there are:',
    )
    expect(() => names({ except: ['max_wal_size'] })).toThrow('max_wal_size is as it should be (8GB)')
  })
})

describe('values that are said', () => {
  test('are taken as they are, and there is no advice', () => {
    expect([...(saidSettings({ set: ['Work_Mem=8MB', 'search_path=a=b'] })?.settings ?? [])]).toEqual([
      ['work_mem', '8MB'],
      ['search_path', 'a=b'],
    ])
    expect(saidSettings({})).toBeUndefined()
  })

  test.each([
    [{ set: ['work_mem'] }, '--set was work_mem; allowed: <name>=<value>, such as work_mem=16MB'],
    [{ set: ['a=1', 'A=2'] }, '--set: A was given twice'],
    [{ set: ['a=1'], only: ['a'] }, '--set says what is wanted'],
  ])('%j is wrong usage', (choice, message) => {
    expect(() => saidSettings(choice)).toThrow(message)
  })
})
