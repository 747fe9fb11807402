import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { catalogue } from '../../common/errors.ts'
import { problemsOfQuery } from './check-query.ts'
import { documents } from './snippets.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const index = read('docs/README.md')
const troubleshooting = read('docs/troubleshooting.md')
const pages = globSync('docs/*.md').filter((file) => file !== 'docs/README.md')

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function anchorsOf(file: string): readonly string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
}

test.each(pages)('the table of contents leads to %s', (page) => {
  expect(index).toContain(`](${page.replace('docs/', '')})`)
})

test.each(documents)('every link of %s leads somewhere', (file) => {
  const text = read(file)
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]+`/g, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)]
  const broken = targets
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const to = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(to)) return true
      return anchor !== undefined && to.endsWith('.md') && !anchorsOf(to).includes(anchor)
    })
  expect(broken).toEqual([])
})

test('troubleshooting has every code of the catalogue once', () => {
  const section = /^## Codes$(.*)/ms.exec(troubleshooting)?.[1] ?? ''
  const named = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, code]) => code!))
  expect(named.sort()).toEqual(Object.keys(catalogue).sort())
})

test('the messages that troubleshooting explains are said by a program', () => {
  const section = /^## Messages$(.*?)^## /ms.exec(troubleshooting)?.[1] ?? ''
  const messages = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, message]) => message!)
  expect(messages.length).toBeGreaterThan(10)
  const sources = globSync('{agent,agentctl,collector,common}/**/*.ts', { exclude: ['**/node_modules/**'] })
    .map(read)
    .join('\n')
    // What a template puts in is the … of the document.
    .replaceAll(/\$\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, '…')
  expect(messages.filter((message) => !saidIn(sources, message))).toEqual([])
})

test.each(documents)('every figure of pgherd that %s names is emitted', async (file) => {
  const names = [...read(file).matchAll(/`(pgherd_[a-z_]+)(?:\{[^`]*)?`/g)].map(([, name]) => name!)
  const problems = await Promise.all([...new Set(names)].map((name) => problemsOfQuery(name)))
  // A role of the examples is no figure.
  const roles = /^nobody emits pgherd_(actions?|health)$/
  expect(problems.flat().filter((problem) => !roles.test(problem))).toEqual([])
})

/** Each of its parts, in this order and near to each other. */
function saidIn(sources: string, message: string): boolean {
  const parts = message
    .split('…')
    .map((part) => part.trim())
    .filter((part) => part.length > 2)
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.{0,80}?')
  return new RegExp(pattern, 's').test(sources)
}
