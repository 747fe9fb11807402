import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { agentProgram } from '../agent/config.ts'
import { collectorProgram } from '../collector/config.ts'
import { readInvocation } from '../common/config/command-line.ts'

const readme = readFileSync('README.md', 'utf8')
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))

const agentManual = readFileSync('docs/02-the-agent.md', 'utf8')

/** The YAML example of a document whose first line is a comment with the file's name. */
function example(fileName: string, document = readme): string {
  const found = new RegExp(`\`\`\`yaml\n# ${fileName}\n([\\s\\S]*?)\`\`\``).exec(document)?.[1]
  if (found === undefined) throw new Error(`the document has no ${fileName}`)
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-readme-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, fileName)
  writeFileSync(file, found)
  return file
}

test("the README's configurations are valid", () => {
  const print = (): void => undefined
  const agent = readInvocation(agentProgram, {
    argv: ['--config', example('agent.yaml')],
    environment: {},
    print,
  })
  expect(agent?.config).toMatchObject({
    'identity.cluster': 'pg-main',
    'collector.url': 'http://127.0.0.1:8432',
  })
  const collector = readInvocation(collectorProgram, {
    argv: ['--config', example('collector.yaml')],
    environment: {},
    print,
  })
  expect(collector?.config).toMatchObject({ 'alertmanager.urls': ['http://127.0.0.1:9093'] })
})

test.each(['agent-of-many.yaml', 'agent-with-neighbours.yaml', 'agent-with-destinations.yaml'])(
  'the configuration %s of the manual is valid',
  (fileName) => {
    const asked = readInvocation(agentProgram, {
      argv: ['--config', example(fileName, agentManual)],
      environment: {},
      print: () => undefined,
    })
    expect(asked?.config).toMatchObject({ 'identity.cluster': 'pg-main' })
  },
)

const tellingManual = readFileSync('docs/19-telling-people.md', 'utf8')

test.each(['collector-with-alertmanager.yaml', 'collector-that-tells.yaml'])(
  'the configuration %s of the manual is valid',
  (fileName) => {
    const asked = readInvocation(collectorProgram, {
      argv: ['--config', example(fileName, tellingManual), '--http-plain-listen', '127.0.0.1:0'],
      environment: {},
      print: () => undefined,
    })
    expect(asked?.config['alertmanager.endpoints'].length).toBe(fileName.includes('tells') ? 0 : 2)
  },
)

test("the README's npm commands exist", () => {
  const commands = [...readme.matchAll(/npm (?:run (?:-s )?([a-z:]+)|(test))/g)].map(
    ([, run, test]) => run ?? test ?? '',
  )
  expect(commands).toContain('demo')
  expect(commands.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
})

test("the README's links lead somewhere", () => {
  const links = [...readme.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map(([, target]) => target ?? '')
  expect(links.length).toBeGreaterThan(3)
  for (const link of links)
    expect(() => readFileSync(link.replace(/\/$/, '/0001-a-log-per-window.md'))).not.toThrow()
})

test('the README shows the page and agentctl, and the two commands before anything else that is typed', () => {
  const pictures = [...readme.matchAll(/!\[[^\]]{20,}\]\(([^)]+)\)/g)].map(([, file]) => file!)
  expect(pictures).toEqual(['docs/images/cluster.png', 'docs/images/agentctl.png'])
  for (const file of pictures) expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG')
  const typed = [...readme.matchAll(/```sh\n(.*)\n/g)].map(([, line]) => line)
  expect(typed.slice(0, 2)).toEqual(['npm run demo', 'npm test'])
})

test('the README compares itself with what others use, by their repositories', () => {
  const [, section = ''] = /^## How it compares$(.*?)^## /ms.exec(readme) ?? []
  for (const peer of ['pgsty/pigsty', 'percona/pmm', 'dalibo/temboard', 'cybertec-postgresql/pgwatch']) {
    expect(section).toContain(`https://github.com/${peer}`)
  }
  expect(section).toContain('postgres_exporter')
})
