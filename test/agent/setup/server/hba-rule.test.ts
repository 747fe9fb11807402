import { describe, expect, test } from 'vitest'
import { ruleFor } from '../../../../agent/setup/server/hba-rule.ts'
import type { HbaRule } from '../../../../agent/setup/server/hba-rule.ts'

const rule = (line: number, words: string, more: Partial<HbaRule> = {}): HbaRule => {
  const [type = '', database = '', user = '', ...rest] = words.split(' ')
  const [address = null, netmask = null] = type === 'local' ? [] : rest
  const method = rest.at(-1) ?? ''
  return {
    ...{ line, type, address, netmask, method },
    ...{ file: null, options: null, error: null },
    database: database.split(','),
    user: user.split(','),
    ...more,
  }
}
const entry = { database: 'postgres', user: 'pgherd', groups: new Set(['pg_monitor']) }
const lineOf = (rules: readonly HbaRule[], address?: string): number | undefined =>
  ruleFor(rules, { ...entry, address })?.line

describe('the rule that decides is the first that fits', () => {
  test.each([
    ['an address within its network', 'host all all 127.0.0.0 255.0.0.0 md5', 2],
    ['an address beside its network', 'host all all 10.0.0.0 255.0.0.0 md5', undefined],
    ['every address', 'host all all all null md5', 2],
    ['the addresses of the host itself', 'host all all samehost null md5', 2],
    ['TLS alone', 'hostssl all all 127.0.0.1 255.255.255.255 md5', undefined],
    ['all but TLS', 'hostnossl all all 127.0.0.1 255.255.255.255 md5', 2],
    ['another user', 'host all other 127.0.0.1 255.255.255.255 md5', undefined],
    ['the members of a role that it is one of', 'host all +pg_monitor 127.0.0.1 255.255.255.255 md5', 2],
    ['the members of another role', 'host all +admins 127.0.0.1 255.255.255.255 md5', undefined],
    ['users by expression', 'host all /^pg 127.0.0.1 255.255.255.255 md5', 2],
    ['another database', 'host shop all 127.0.0.1 255.255.255.255 md5', undefined],
    ['replication, which is no database', 'host replication all 127.0.0.1 255.255.255.255 md5', undefined],
    ['the database of the same name', 'host sameuser all 127.0.0.1 255.255.255.255 md5', undefined],
    ['a list with it', 'host shop,postgres other,pgherd 127.0.0.1 255.255.255.255 md5', 2],
    ['IPv6', 'host all all ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff md5', undefined],
  ])('%s', (_, words, expected) => {
    expect(lineOf([rule(1, 'local all all peer'), rule(2, words)], '127.0.0.1')).toBe(expected)
  })

  test('one for the socket is none for an address, and the reverse', () => {
    const rules = [rule(1, 'host all all 127.0.0.1 255.255.255.255 md5'), rule(2, 'local all all peer')]
    expect(lineOf(rules)).toBe(2)
    expect(lineOf(rules, '127.0.0.1')).toBe(1)
  })

  test('a line with a mistake counts for nothing', () => {
    const rules = [rule(1, 'local all all peer', { error: 'invalid' }), rule(2, 'local all all md5')]
    expect(lineOf(rules)).toBe(2)
  })
})
