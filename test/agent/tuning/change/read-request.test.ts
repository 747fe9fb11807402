import { expect, test } from 'vitest'
import { readRequest } from '../../../../agent/tuning/change/plan-change.ts'
import type { SettingsSession } from '../../../../agent/tuning/read-settings.ts'

/** Of pg_settings as they are asked for: setting, vartype, unit, context, bounds, values, name, boot, source, pending. */
const has: Readonly<Record<string, readonly (string | null)[]>> = {
  work_mem: ['4096', 'integer', 'kB', 'user', '64', '2147483647', null, 'work_mem', '4096', 'default', 'f'],
  jit: ['on', 'bool', null, 'user', null, null, null, 'jit', 'on', 'default', 'f'],
}
const session: Pick<SettingsSession, 'read'> = {
  read: ({ values }) => {
    const names = values?.[0] as readonly string[]
    const rows = names.flatMap((name) => (has[name] === undefined ? [] : [has[name]]))
    return Promise.resolve({ columns: [], rows, truncated: false } as never)
  },
}
const refusals = async (expected: Readonly<Record<string, string>>) =>
  (
    await readRequest(session, {
      settings: new Map([['work_mem', '8MB']]),
      expected: new Map(Object.entries(expected)),
    })
  ).refusals

test('what was seen counts in any spelling', async () => {
  expect(await refusals({ WORK_MEM: '4096kB', jit: 'yes' })).toEqual([])
})

test('a setting that has another value by now stands against the change, also where it is not to be changed itself', async () => {
  expect(await refusals({ jit: 'off' })).toEqual(['jit is on by now and was off when it was looked at'])
})

test('one that the server does not have was not seen there', async () => {
  expect(await refusals({ nope: '1' })).toEqual([
    'nope was 1 when it was looked at, and this server has no such setting',
  ])
})
