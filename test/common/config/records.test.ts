import { expect, test } from 'vitest'
import { loadConfig } from '../../../common/config/load-config.ts'
import { integer, text, url } from '../../../common/config/kinds.ts'
import { option, optional, required } from '../../../common/config/option-table.ts'
import { records, texts } from '../../../common/config/records.ts'

const name = text({ pattern: /^[a-z]+$/, allowed: 'lower-case letters' })
const servers = records({
  url: required(url(['postgres']), 'the server'),
  seq: option(integer({ min: 1, max: 9 }), 'its number', 1),
  note: optional(name, 'a note'),
  labels: option(texts({ pattern: /^[a-z]+$/, allowed: 'a map of labels' }), 'labels', {}),
})
const table = { servers: option(servers, 'the servers', []) }

function load(yaml: string, flags: Readonly<Record<string, string>> = {}) {
  return loadConfig(table, {
    file: { name: 'my.yaml', text: yaml },
    environment: {},
    environmentPrefix: 'X',
    flags: new Map(Object.entries(flags)),
  })
}

test('a list of maps is read field by field, with the fields’ defaults', () => {
  const { config, problems } = load(`
servers:
  - url: postgres://a@b/c
    labels: { env: prod, tier: 1 }
  - { url: postgres://d@e/f, seq: 2, note: x }
`)
  expect(problems).toEqual([])
  expect(config?.servers).toEqual([
    { url: 'postgres://a@b/c', seq: 1, note: undefined, labels: { env: 'prod', tier: '1' } },
    { url: 'postgres://d@e/f', seq: 2, note: 'x', labels: {} },
  ])
})

test('what several have in common is written once, with an anchor and a merge key', () => {
  const { config, problems } = load(`
servers:
  - &first { url: postgres://a@b/c, note: x, labels: { env: prod } }
  - { <<: *first, seq: 2 }
`)
  expect(problems).toEqual([])
  expect(config?.servers[1]).toEqual({ url: 'postgres://a@b/c', seq: 2, note: 'x', labels: { env: 'prod' } })
})

test('an alias without its anchor is reported where it stands', () => {
  expect(load('servers:\n  - *first\n').problems[0]).toMatch(/^my\.yaml:1: Unresolved alias .*: first$/)
})

test('every mistake is reported with file, line, index and key, what was there and what is allowed', () => {
  const { problems } = load(`
servers:
  - { url: mysql://a:secret@b, seq: 12, colour: red }
  - {}
  - 7
`)
  expect(problems).toEqual([
    'my.yaml:2: servers[0].colour: unknown key; allowed: url, seq, note, labels',
    'my.yaml:2: servers[0].url: was "mysql://a:***@b"; allowed: an absolute URL that starts with postgres://',
    'my.yaml:2: servers[0].seq: was 12; allowed: a whole number from 1 to 9',
    'my.yaml:2: servers[1].url: missing; allowed: an absolute URL that starts with postgres://',
    'my.yaml:2: servers[2]: was 7; allowed: a map with the keys url, seq, note, labels',
  ])
})

test('something that is no list is refused as a whole', () => {
  expect(load('servers: 5').problems).toEqual([
    'my.yaml:1: servers: was 5; allowed: a list of maps with the keys url, seq, note, labels',
  ])
})

test('a flag takes the list as JSON', () => {
  expect(load('', { servers: '[{"url":"postgres://a@b/c"}]' }).config?.servers).toHaveLength(1)
  expect(load('', { servers: '[{' }).problems).toEqual([
    'flag --servers: servers: was "[{"; allowed: a list of maps with the keys url, seq, note, labels',
  ])
})

test('is printed as it could be written, without passwords and what was not given', () => {
  const { config } = load('servers: [{ url: "postgres://a:secret@b/c" }]')
  expect(servers.print(config?.servers ?? [])).toBe('[{"url":"postgres://a:***@b/c","seq":"1"}]')
})
