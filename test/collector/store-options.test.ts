import { expect, test } from 'vitest'
import { collectorProgram } from '../../collector/config.ts'
import { loadConfig } from '../../common/config/load-config.ts'

function problemsOf(text: string): readonly string[] {
  const { config, problems } = loadConfig(collectorProgram.table, {
    file: { name: 'collector.yaml', text },
    environment: {},
    environmentPrefix: collectorProgram.environmentPrefix,
    flags: new Map(),
  })
  return config === undefined ? problems : (collectorProgram.check?.(config) ?? [])
}

const store = (lines: string) => `store:\n  kind: victoriametrics\n  victoriametrics:\n${lines}`

test.each([
  ['nothing', ''],
  ['a single node', store('    insert: [{ url: http://127.0.0.1:8428 }]')],
  [
    'a tenant that is a number',
    store('    tenant: 0\n    insert: [{ url: http://a }]\n    select: [{ url: http://b }]'),
  ],
  [
    'a cluster',
    store(
      `    tenant: '12:3'
    insert: [{ url: https://a:8480, ca_file: /ca }, { url: https://b:8480, username: u, password_file: /p }]
    select: [{ url: https://c:8481, bearer_token_file: /t, headers: { X-Scope: a } }]`,
    ),
  ],
])('is valid: %s', (_, text) => {
  expect(problemsOf(text)).toEqual([])
})

test.each([
  [
    'no endpoint',
    'store:\n  kind: victoriametrics',
    'store.victoriametrics.insert: missing; allowed: at least one endpoint with its url',
  ],
  [
    'a cluster that is not asked',
    store("    tenant: '0'\n    insert: [{ url: http://a }]"),
    'store.victoriametrics.select: missing; allowed: at least one vmselect, for in a cluster the vminserts answer no queries',
  ],
  [
    'a user without a password',
    store('    insert: [{ url: http://a, username: u }]'),
    'store.victoriametrics.insert[0]: had one of username and password_file; allowed: both or none',
  ],
  [
    'a URL that nothing can be appended to',
    store('    insert: [{ url: http://a }]\n    select: [{ url: "http://u:secret@a?x" }]'),
    'store.victoriametrics.select[0].url: was "http://u:***@a/?x"; allowed: an http or https URL without ? and #',
  ],
  [
    'a tenant by name',
    store('    tenant: prod\n    insert: [{ url: http://a }]'),
    'collector.yaml:4: store.victoriametrics.tenant: was "prod"; allowed: an account id, or account and project id with a colon between, such as 0 or 12:3',
  ],
  [
    'a tenant beyond 32 bits, which a cluster does not take',
    store("    tenant: '4294967296'\n    insert: [{ url: http://a }]"),
    'collector.yaml:4: store.victoriametrics.tenant: was "4294967296"; allowed: an account id, or account and project id with a colon between, such as 0 or 12:3',
  ],
])('is refused, and says why: %s', (_, text, problem) => {
  expect(problemsOf(text)).toEqual([problem])
})

test('header values are not printed', () => {
  const { kind } = collectorProgram.table['store.victoriametrics.insert']
  const [endpoint] = kind.schema.parse([{ url: 'http://a', headers: { 'X-Key': 'secret' } }])
  expect(kind.print([endpoint!])).toContain('X-Key')
  expect(kind.print([endpoint!])).not.toContain('secret')
})
