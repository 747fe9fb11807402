import { describe, expect, test } from 'vitest'
import { buildResult } from '../../../agent/actions/build-result.ts'
import { hasTrueDigest } from '../../../common/command/digest.ts'
import { commandResult, maxResultBytes } from '../../../common/command/result.ts'
import type { ActionOutput } from '../../../common/command/result.ts'

const text = (...lines: string[]): ActionOutput => ({ type: 'text', title: 'shown', lines })
const build = (of: { readonly steps?: readonly string[]; readonly output?: readonly ActionOutput[] }) =>
  buildResult({ outcome: 'done', message: 'It is done.', ...of }, 1)

describe('a result', () => {
  test.each([
    ['refers to itself', () => Object.assign<object, object>(facts, { self: facts })],
    [
      'fails to be written',
      () => ({
        toJSON() {
          throw new Error('no')
        },
      }),
    ],
    ['is too deep', () => JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown],
  ])('with a value that %s says that it cannot be shown', (_, value) => {
    const result = build({ output: [{ type: 'facts', title: 'f', facts: { value: value() } }, text('kept')] })
    expect(result.output).toEqual(
      [text('what it showed cannot be written as JSON'), text('kept')].map(untitled),
    )
  })

  test.each([
    [16, 16],
    [17, 15],
  ])('of %i outputs keeps %i, and says how many it lacks', (count, kept) => {
    const { output } = build({ output: Array.from({ length: count }, (_, i) => text(String(i))) })
    expect(output).toHaveLength(16)
    expect(output.slice(0, kept)).toEqual(Array.from({ length: kept }, (_, i) => text(String(i))))
    if (kept < 16) expect(linesOf(output.at(-1))).toMatch(/^… cut: 2 more of 17 parts/)
  })

  test.each([
    [200, 200],
    [201, 199],
  ])('of %i steps keeps %i, and says how many it lacks', (count, kept) => {
    const { steps } = build({ steps: Array.from({ length: count }, (_, i) => String(i)) })
    expect(steps).toHaveLength(200)
    expect(steps[kept - 1]).toBe(String(kept - 1))
    if (kept < 200) expect(steps.at(-1)).toBe('… cut: 2 more lines')
  })

  test('whose first output takes all its room says that there were others', () => {
    const { output } = build({ output: [text(...long(20_000)), text('second'), text('third')] })
    expect(linesOf(output[0])).toContain('… cut: it was longer than a result may be')
    expect(output.slice(1).map(linesOf)).toEqual([
      '… cut: 2 more of 3 parts, as the result was longer than one may be',
    ])
  })

  test('of exactly as many bytes as its output may have is whole, and one byte more is cut', () => {
    const room = maxResultBytes - 96 * 1024
    const around = Buffer.byteLength(JSON.stringify(text('')))
    expect(build({ output: [text('x'.repeat(room - around))] }).output).toEqual([
      text('x'.repeat(room - around)),
    ])
    expect(linesOf(build({ output: [text('x'.repeat(room - around + 1))] }).output[0])).toBe(
      '… cut: it was longer than a result may be',
    )
  })

  test('is one that may be sent, however much of everything there is', () => {
    const lines = long(3_000)
    const output = [...Array.from({ length: 40 }, () => text(...lines))]
    const result = buildResult({ outcome: 'failed', message: 'x'.repeat(9_000), steps: lines, output }, 1)
    expect(commandResult.safeParse(result).success).toBe(true)
    expect(hasTrueDigest(result)).toBe(true)
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(maxResultBytes)
  })
})

const facts: Record<string, unknown> = {}
const untitled = (output: ActionOutput, i: number): ActionOutput =>
  i === 0 ? { ...output, title: '' } : output
const linesOf = (output: ActionOutput | undefined) => (output?.type === 'text' ? output.lines.join('\n') : '')
const long = (count: number) => Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(500)}`)
