import { expect, test } from 'vitest'
import { wrapHelp } from '../../agentctl/wrap-help.ts'
import { runAgentctl } from './run-agentctl.ts'

const list = async (argv: readonly string[]): Promise<readonly string[]> => {
  const { out } = await runAgentctl([...argv, '--help'], { width: 80 })
  const commands = /^Commands:\n((?: {2}.*\n?)*)/m.exec(out)?.[1] ?? ''
  return [...commands.matchAll(/^ {2}([a-z]+)/gm)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'help')
}
const all = await list([])

test('there are commands to look at', () => {
  expect(all.length).toBeGreaterThan(15)
})

test.each(all)(
  'agentctl %s --help has examples and exit statuses, and its prose fits 80 columns',
  async (name) => {
    const { out, error } = await runAgentctl([name, '--help'], { width: 80 })
    expect(error).toBeUndefined()
    expect(out).toMatch(/^Examples:\n {2}.*agentctl /m)
    expect(out).toContain('Exit status: 0 ')
    expect(out.split('\n').filter((line) => line.length > 80 && !line.startsWith('  '))).toEqual([])
  },
)

test('prose flows on over the lines in which it is written, and examples are never broken', () => {
  const long = `${'word '.repeat(22)}end`
  const example = `  agentctl ${'x'.repeat(100)}`
  expect(wrapHelp(`${long}\nof it.\n\nExamples:\n${example}`, 60).split('\n')).toEqual([
    'word '.repeat(12).trim(),
    `${'word '.repeat(10)}end of it.`,
    '',
    'Examples:',
    example,
  ])
})
