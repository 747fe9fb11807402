import { expect, test } from 'vitest'
import { readInventory } from '../../../agentctl/pigsty/inventory.ts'
import { planFleet } from '../../../agentctl/pigsty/plan.ts'
import { sample } from './sample.ts'

const planOf = (text: string) =>
  planFleet(readInventory(text, 'p.yml'), {
    ...{ file: 'p.yml', collector: 'https://c:8432', enrolled: undefined, known: [] },
  })
const variablesOf = (text: string, host: string) =>
  readInventory(text, 'p.yml').hosts.find(({ name }) => name === host)?.variables

test("a host's own variables win over its group's, those over the parent's, those over all's", () => {
  const text = `
all:
  vars: { a: all, b: all, c: all, d: all }
  children:
    top:
      vars: { b: top, c: top, d: top }
      children: { sub: { vars: { c: sub, d: sub }, hosts: { h1: { d: host } } } }`
  expect(variablesOf(text, 'h1')).toEqual({ a: 'all', b: 'top', c: 'sub', d: 'host' })
})

test('of groups of one depth the later name wins, unless a priority says otherwise', () => {
  const groups = (priority: string) => `
all: { children: { a: { hosts: { h: }, vars: { v: a${priority} } }, b: { hosts: { h: }, vars: { v: b } } } }`
  expect(variablesOf(groups(''), 'h')).toMatchObject({ v: 'b' })
  expect(variablesOf(groups(', ansible_group_priority: 10'), 'h')).toMatchObject({ v: 'a' })
})

test('anchors, merge keys and ranges of hosts are understood', () => {
  const text = `
all:
  vars: { base: &base { x: 1 } }
  children: { g: { hosts: { 'db[08:10]': { <<: *base, y: 2 } } } }`
  expect(readInventory(text, 'p.yml').hosts.map(({ name }) => name)).toEqual(['db08', 'db09', 'db10'])
  expect(variablesOf(text, 'db09')).toMatchObject({ x: 1, y: 2 })
})

test('anchors that multiply without end are refused', () => {
  const lines = Array.from({ length: 12 }, (_, i) =>
    i === 0
      ? 'a0: &a0 [1,1,1,1,1,1,1,1,1,1]'
      : `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
  )
  expect(() => readInventory(lines.join('\n'), 'p.yml')).toThrow(/p\.yml/)
})

test('a syntax error is told by its place, without the text around it', () => {
  expect(() => readInventory('all:\n  vars: { pw: "Hush.Hush }\n', 'p.yml')).toThrow(/^(?!.*Hush)p\.yml:\d/s)
})

test('a template is told and not evaluated', () => {
  const { notUnderstood, hosts } = planOf(sample.replace('pg_seq: 2', 'pg_seq: "{{ number }}"'))
  expect(notUnderstood).toContain('pg_seq: a template, which is not evaluated (10.10.10.11)')
  expect(hosts.map(({ member }) => member.host)).not.toContain('10.10.10.11')
})

test.each([
  ['two primaries', 'pg_role: replica', 'pg_role: primary', 'has 2 primaries: 10.10.10.10, 10.10.10.11'],
  ['no primary', 'pg_role: primary', 'pg_role: replica', 'has no primary'],
  ['no pg_cluster', 'pg_cluster: pg-meta', 'x: y', 'pg_seq without pg_cluster'],
  [
    'an unknown role',
    'pg_role: replica',
    'pg_role: master',
    'pg_role is master; known are primary, replica, standby, offline, delayed',
  ],
  [
    'an upstream that is not listed',
    'pg_role: replica',
    'pg_role: replica, pg_upstream: 10.9.9.9',
    'pg_upstream is 10.9.9.9, which is no host of the inventory',
  ],
  [
    'an admin_ip that is not listed',
    'admin_ip: 10.10.10.10',
    'admin_ip: 10.9.9.9',
    'admin_ip is 10.9.9.9, which is no host of the inventory',
  ],
  [
    'an odd port',
    'pg_role: primary',
    'pg_role: primary, pg_port: 80',
    'pg_port is 80; usual are 1024 to 65535',
  ],
  [
    'a port that is used twice',
    'pg_role: primary',
    'pg_role: primary, pg_port: 6432',
    'pg_port and pgbouncer_port are both 6432',
  ],
])('%s is a question', (_what, before, after, question) => {
  expect(planOf(sample).questions).toEqual([])
  expect(planOf(sample.replace(before, after)).questions.map(({ what }) => what)).toContain(question)
})

test('a repository that is not described is told', () => {
  expect(
    planOf(sample.replace('pgbackrest_method: minio', 'pgbackrest_method: gcs')).notUnderstood,
  ).toContain(
    'pgbackrest_method: names gcs, which pgbackrest_repo does not have (10.10.10.10, 10.10.10.11, 10.10.10.12)',
  )
})
