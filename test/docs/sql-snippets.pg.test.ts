import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { blocksOf, documents } from './snippets.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ major: 18 })
  // Whom the documentation takes for made by an earlier step.
  await server.query('create role pgherd_action; create role pgherd_actions')
})
afterAll(() => server[Symbol.asyncDispose]())

const blocks = documents.flatMap((file) => blocksOf(file))
const statements = blocks.filter(({ language }) => language === 'sql')
const settings = blocks.filter(
  ({ language, text }) => language === 'ini' && /^# \S*postgresql\.conf$/m.test(text),
)

test('there is SQL in the documentation', () => {
  expect(statements.length).toBeGreaterThan(3)
  expect(settings.length).toBeGreaterThan(0)
})

test.each(statements)('the SQL of $at is carried out by a real server, and taken back', async ({ text }) => {
  // A role that the snippet itself makes is not there yet.
  const made = [...text.matchAll(/create role (\w+)/gi)].map(([, name]) => `drop role if exists ${name!};`)
  await server.query(`begin; ${made.join(' ')} ${text}; rollback`)
})

test.each(settings)('the settings of $at are read by a real server without a mistake', async ({ text }) => {
  const lines = text.split('\n').filter((line) => /^\w/.test(line))
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) {
    const [, name, value] = /^(\w+) = '(.*)'$/.exec(line) ?? []
    await server.query(`alter system set ${name!} = '${value!}'`)
  }
  const mistakes = await server.query(
    `select name, error from pg_file_settings where error is not null and error !~ 'could not be applied'`,
  )
  expect(mistakes).toEqual([])
})
