import { expect, test } from 'vitest'
import { oneOf } from '../../common/config/kinds.ts'
import { option } from '../../common/config/option-table.ts'
import { PgherdError } from '../../common/errors.ts'
import { runProgram } from '../../common/run-program.ts'

const program = {
  name: 'sample',
  what: 'A sample program.',
  table: { colour: option(oneOf(['red', 'green']), 'the colour', 'red') },
  environmentPrefix: 'SAMPLE',
}

async function ending(argv: readonly string[], run: () => Promise<void> = () => Promise.resolve()) {
  const lines: string[] = []
  const status = await runProgram(
    program,
    { argv, environment: {}, print: () => undefined, complain: (line) => lines.push(line) },
    run,
  )
  return { status, lines }
}

test('a program that ends as asked has status 0', async () => {
  expect(await ending([])).toEqual({ status: 0, lines: [] })
})

test('wrong configuration is status 2, each problem a line with the name of the program', async () => {
  expect(await ending(['--colour', 'blue'])).toEqual({
    status: 2,
    lines: ['sample: flag --colour: colour: was "blue"; allowed: one of red, green'],
  })
})

test('an error of the catalogue gives its status and its words, a defect its stack', async () => {
  const refused = await ending([], () => Promise.reject(new PgherdError('UNREACHABLE', 'nobody there')))
  expect(refused).toEqual({ status: 4, lines: ['sample: nobody there'] })
  const defect = await ending([], () => Promise.reject(new TypeError('x is not a function')))
  expect(defect.status).toBe(1)
  expect(defect.lines.join('\n')).toMatch(/^sample: x is not a function\nTypeError: .*\n +at /)
})
