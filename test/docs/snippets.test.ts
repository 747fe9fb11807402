import { afterAll, expect, test } from 'vitest'
import { checkOf } from './check-snippet.ts'
import { blocksOf, commandSpansOf, documents } from './snippets.ts'

const snippets = documents.flatMap((file) => [...blocksOf(file), ...commandSpansOf(file)])
const counts = new Map<string, number>()

afterAll(() => {
  const rows = [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `  ${count}  ${kind}`)
  console.info(`${snippets.length} snippets of ${documents.length} documents:\n${rows.join('\n')}`)
})

test('every document is read', () => {
  expect(documents.length).toBeGreaterThan(60)
  expect(snippets.length).toBeGreaterThan(300)
})

test.each(snippets.map((snippet) => [snippet.at, snippet.language, snippet] as const))(
  'what %s shows (%s) is right',
  async (_at, language, snippet) => {
    const checked = checkOf(snippet)
    if (checked === undefined) {
      throw new Error(
        `nobody checks a block of ${language === '' ? 'no language' : language} that begins with: ${snippet.text.split('\n')[0]!}\n` +
          'allowed: sh, console (with output), text (output), sql, json, haproxy, keepalived; yaml and ini whose first line is a comment with the name of the file (test/docs/check-yaml.ts has those that are known)',
      )
    }
    const problems = await checked.check(snippet.text)
    if (problems !== undefined) expect(problems).toEqual([])
    const kind = problems === undefined ? `${checked.kind}: its program is not installed here` : checked.kind
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  },
)
