import { expect, test } from 'vitest'
import { readSetupOptions } from '../../../agent/setup/options.ts'

const token = `pgherd-join-1.abcdefgh.${'s'.repeat(43)}.${'f'.repeat(43)}`
const read = (argv: readonly string[], input = '') =>
  readSetupOptions({
    argv: ['setup', ...argv],
    print: () => undefined,
    readInput: () => Promise.resolve(input),
  })

test('the line of agentctl enroll gives node, collector and token', async () => {
  expect(await read(['pg-main-1', '--join', `https://collector:8432#${token}`])).toMatchObject({
    node: 'pg-main-1',
    join: { url: 'https://collector:8432', token },
    ...{ print: false, yes: false, start: true, neighbours: true, only: [] },
  })
})

test('they come from the standard input, too, where other users do not see them', async () => {
  expect(await read(['--join', '-'], `https://collector:8432#${token}\n`)).toMatchObject({
    join: { url: 'https://collector:8432', token },
  })
})

test('--only can be repeated', async () => {
  expect(await read(['--only', '5432', '--only=/data/pg'])).toMatchObject({ only: ['5432', '/data/pg'] })
})

test.each([
  [['--join', `http://collector:8432#${token}`], /allowed: https:\/\/<host>:<port>#<token>/],
  [['--join', `https://<collector>:8432#${token}`], /allowed: https:\/\/<host>:<port>#<token>/],
  [['--join', 'https://collector:8432#pgherd-join-1.cut'], /is not a whole join token/],
  [['--role', 'Robert"; drop'], /allowed: 1 to 63 small letters/],
  [['--seq', 'one'], /allowed: 0 to 99999/],
  [['--nonsense'], /unknown option '--nonsense' \(see pgherd-agent setup --help\)/],
])('%j is refused with what is allowed', async (argv, message) => {
  await expect(read(argv)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(message) as string,
  })
})

test('asked for help it gives it, and nothing is to be done', async () => {
  expect(await read(['--help'])).toBeUndefined()
})

test('--help names the defaults that say something, and no others', async () => {
  const lines: string[] = []
  await readSetupOptions({
    argv: ['setup', '--help'],
    print: (line) => void lines.push(line),
    readInput: () => Promise.resolve(''),
  })
  const help = lines.join('\n').replaceAll(/\s+/g, ' ')
  expect(help).toContain('(default: "/etc/pgherd/agent.yaml")')
  expect(help).not.toMatch(/default: (false|true|\[\])/)
})
