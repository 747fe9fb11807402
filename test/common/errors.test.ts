import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PgherdError, catalogue, messageOf, systemCodeOf, toPgherdError } from '../../common/errors.ts'

test('docs/errors.md lists exactly the codes of the catalogue, with their figures', () => {
  const rows = readFileSync('docs/errors.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  expect(rows.map((cells) => cells.slice(1, 6))).toEqual(
    Object.entries(catalogue).map(([code, { status, exit, retry, meaning }]) => [
      `\`${code}\``,
      String(status),
      String(exit),
      retry ? 'yes' : 'no',
      meaning,
    ]),
  )
})

test('every code of the catalogue is used somewhere', () => {
  const sources = globSync('{common,agent,collector,agentctl}/**/*.ts')
    .filter((file) => file !== 'common/errors.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const inCatalogue = Object.keys(catalogue).filter((code) => code !== 'INTERNAL')
  expect(inCatalogue.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
})

test('an error takes its status, exit status and retry from the catalogue', () => {
  expect(new PgherdError('TIMED_OUT', 'no answer')).toMatchObject({ status: 504, exit: 5, retry: true })
})

test('an unknown error becomes INTERNAL and keeps its cause', () => {
  const cause = new TypeError('x is not a function')
  expect(toPgherdError(cause)).toMatchObject({ code: 'INTERNAL', message: 'x is not a function', cause })
  const ours = new PgherdError('REFUSED', 'no')
  expect(toPgherdError(ours)).toBe(ours)
})

test("the message of Node's connect errors is found one level down", () => {
  const inner = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
  expect(messageOf(new AggregateError([inner]))).toBe('connect ECONNREFUSED 127.0.0.1:1')
  expect(systemCodeOf(inner)).toBe('ECONNREFUSED')
  expect(systemCodeOf('text')).toBeUndefined()
})
