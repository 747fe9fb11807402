import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createExpositionParser } from '../../../../agent/neighbours/exposition/parser.ts'
import type { Exposition } from '../../../../agent/neighbours/exposition/parser.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { formatExposition } from '../../../../common/series/exposition-text.ts'
import { samplesOf, sampleMap } from './samples-of.ts'

const parse = (text: string): Exposition => createExpositionParser().parse(text)
const one = (line: string): readonly (readonly [string, number])[] =>
  samplesOf(parse(`ok 1\n${line}\n`).tables).slice(1)
const complaintAbout = (line: string): string | undefined => parse(`ok 1\n${line}\n`).complaints[0]?.reason

describe('what a line may look like', () => {
  test.each([
    ['a 1', 'a', 1],
    ['a{} 1', 'a', 1],
    ['a{x="y"} 1.5e-3', 'a{x="y"}', 0.0015],
    ['a{x="y"}1', 'a{x="y"}', 1],
    ['  a\t{ x = "y" , z="w", }\t 1  ', 'a{x="y",z="w"}', 1],
    ['a{z="1",b="2"} 1', 'a{b="2",z="1"}', 1],
    ['a{x=""} 1', 'a', 1],
    ['a{x="a\\\\b\\"c\\nd"} 1', 'a{x="a\\\\b\\"c\\nd"}', 1],
    ['a{x="\\d"} 1', 'a{x="\\\\d"}', 1],
    ['a{x="} 7",y="# {"} 1', 'a{x="} 7",y="# {"}', 1],
    ['a{x="é日本😀"} 1', 'a{x="é日本😀"}', 1],
    ['a:b_c 1', 'a:b_c', 1],
    ['a 1 1395066363000', 'a', 1],
    ['a 1 -3982045', 'a', 1],
    ['a{x="y"} 1 1520879607.789', 'a{x="y"}', 1],
    ['a_bucket{le="1"} 8 # {trace_id="KOO5S4vxi0o"} 0.67', 'a_bucket{le="1"}', 8],
    ['a_bucket{le="1"} 8 15.5 # {} 0.67 1520879607.789', 'a_bucket{le="1"}', 8],
    ['a 1\r', 'a', 1],
    ['a +1', 'a', 1],
    ['a -1', 'a', -1],
    ['a .5', 'a', 0.5],
    ['a 5.', 'a', 5],
    ['a 1E6', 'a', 1e6],
    ['a 007', 'a', 7],
    ['a +Inf', 'a', Infinity],
    ['a -inf', 'a', -Infinity],
    ['a Infinity', 'a', Infinity],
    ['a NaN', 'a', NaN],
    ['a nan', 'a', NaN],
  ])('%j', (line, series, value) => {
    expect(one(line)).toEqual([[series, value]])
  })

  test('the last line needs no line feed, comments and empty lines are nothing', () => {
    const text = '# HELP a "quoted\\n" {\n# TYPE a counter\n\n  # odd\n#\n \t\r\na 1\n# EOF x\nb 2'
    expect(samplesOf(parse(text).tables)).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test('nothing follows # EOF', () => {
    expect(samplesOf(parse('a 1\n# EOF\nb 2\n').tables)).toEqual([['a', 1]])
  })

  test('lines may end in CR LF', () => {
    const { tables, badLines } = parse('# TYPE a gauge\r\na{x="y"} 1\r\n\r\nb 2\r\n# EOF\r\n')
    expect([samplesOf(tables), badLines]).toEqual([
      [
        ['a{x="y"}', 1],
        ['b', 2],
      ],
      0,
    ])
  })
})

describe('a bad line costs itself and is told', () => {
  test.each([
    ['a', 'there is no value'],
    ['a ', 'there is no value'],
    ['a{x="y"}', 'there is no value'],
    ['a x', 'the value is no number'],
    ['a 0x10', 'the value is no number'],
    ['a 1_000', 'the value is no number'],
    ['a 0b1', 'the value is no number'],
    ['a 1e999', 'the value is no number'],
    ['a 1,5', 'the value is no number'],
    ['a 1 2 3', 'something else than a timestamp follows the value'],
    ['a 1 b', 'something else than a timestamp follows the value'],
    ['a 1 # comment', 'something else than a timestamp follows the value'],
    ['1a 1', 'it does not begin with a metric name'],
    ['{x="y"} 1', 'it does not begin with a metric name'],
    ['a.b 1', 'the metric name has a character that it may not have'],
    ['é 1', 'it does not begin with a metric name'],
    ['a{x="1",x="2"} 1', 'the label x occurs twice'],
    ['a{__name__="b"} 1', 'the label __name__ is reserved'],
    ['a{1="b"} 1', 'a label has no valid name'],
    ['a{x:y="b"} 1', 'no = follows the label x'],
    ['a{,} 1', 'a label has no valid name'],
    ['a{x="1",,} 1', 'a label has no valid name'],
    ['a{x=1} 1', 'the value of the label x is not quoted'],
    ["a{x='1'} 1", 'the value of the label x is not quoted'],
    ['a{x="1 1', 'the value of the label x does not end'],
    ['a{x="1\\"} 1', 'the value of the label x does not end'],
    ['a{x="1"', 'neither a comma nor } follows the label x'],
    ['a{x="1" y="2"} 1', 'neither a comma nor } follows the label x'],
    ['a{', 'the labels do not end'],
  ])('%j: %s', (line, reason) => {
    expect(complaintAbout(line)).toBe(reason)
  })

  test('it is counted, the first ones with their numbers', () => {
    const { badLines, complaints, samples } = parse('a 1\n\n!\nb 2\n?\n# x\n?\n?\nc 3')
    expect({ badLines, samples, lines: complaints.map(({ line }) => line) }).toEqual({
      badLines: 4,
      samples: 3,
      lines: [3, 5, 7],
    })
  })

  test('a familiar series with a bad value is one too, and is read again as soon as it is well', () => {
    const parser = createExpositionParser()
    parser.parse('a 1\nb 1\n')
    const bad = parser.parse('a 2\nb none\n')
    expect([samplesOf(bad.tables), bad.complaints]).toEqual([
      [['a', 2]],
      [{ line: 2, reason: 'the value is no number' }],
    ])
    expect(samplesOf(parser.parse('a 3\nb 3\n').tables)).toEqual([
      ['a', 3],
      ['b', 3],
    ])
  })

  test('an OpenMetrics exposition that was cut off is told', () => {
    const parser = createExpositionParser()
    expect(parser.parse('a 1\n', { openMetrics: true }).complaints).toEqual([
      { line: 1, reason: 'the exposition does not end with # EOF' },
    ])
    expect(parser.parse('a 1\n# EOF\n', { openMetrics: true }).badLines).toBe(0)
  })
})

describe('what is no exposition is an error', () => {
  test.each([
    ['<!DOCTYPE html>\n<html><body>\nfoo 1\n</body>', 'this is no exposition but a page of HTML or XML'],
    ['\n <html>', 'this is no exposition but a page of HTML or XML'],
    ['{"state": "running"}', 'this is no exposition: in line 1 it does not begin with a metric name'],
    ['Not found\n', 'this is no exposition: in line 1 the value is no number'],
  ])('%j', (text, message) => {
    expect(() => parse(text)).toThrow(new PgherdError('BAD_DATA', message))
  })

  test('an empty one is an exposition', () => {
    expect(parse('')).toEqual({ tables: [], samples: 0, badLines: 0, complaints: [] })
    expect(parse('# nothing yet\n').samples).toBe(0)
  })
})

test('more samples than allowed are an error, those that are not kept do not count', () => {
  const parser = createExpositionParser({ keep: (metric) => metric !== 'noise', sampleLimit: 2 })
  const three = 'a 1\nb 1\nc 1\n'
  expect(() => parser.parse(three)).toThrow('there are more than 2 samples')
  expect(samplesOf(parser.parse('noise 1\na 1\nnoise{x="y"} 1\nb 1\n').tables)).toEqual([
    ['a', 1],
    ['b', 1],
  ])
  expect(() => parser.parse(three)).toThrow('there are more than 2 samples')
})

test('whether a metric is kept is asked once per series', () => {
  const asked: string[] = []
  const parser = createExpositionParser({
    keep: (metric) => {
      asked.push(metric)
      return metric === 'a'
    },
  })
  for (let i = 0; i < 3; i++) parser.parse('a 1\nb{x="1"} 1\nb{x="2"} 1\n')
  expect(asked).toEqual(['a', 'b', 'b'])
})

test('metrics with the same label sets share a table with a value in every cell', () => {
  const text = 'a{x="1"} 1\na{x="2"} 2\nb{x="1"} 3\nb{x="2"} 4\nc{x="1"} 5\nd 6\n'
  expect(parse(text).tables).toEqual([
    {
      metrics: ['a', 'b'],
      labelNames: ['x'],
      rows: [
        { labels: ['1'], values: [1, 3] },
        { labels: ['2'], values: [2, 4] },
      ],
    },
    { metrics: ['c'], labelNames: ['x'], rows: [{ labels: ['1'], values: [5] }] },
    { metrics: ['d'], labelNames: [], rows: [{ labels: [], values: [6] }] },
  ])
})

test('a metric that had no labels may have some', () => {
  const parser = createExpositionParser()
  parser.parse('a 1\nb 1\n')
  const { tables, badLines } = parser.parse('a {x="1"}2\na 3\nb 4\n')
  expect([samplesOf(tables), badLines]).toEqual([
    [
      ['a{x="1"}', 2],
      ['a', 3],
      ['b', 4],
    ],
    0,
  ])
})

test('without labels it may be unwanted, and wanted with some', () => {
  const parser = createExpositionParser({ keep: (metric, isLabelled) => metric !== 'up' || isLabelled })
  for (let i = 0; i < 2; i++) {
    expect(samplesOf(parser.parse('up 1\nup{x=""} 1\na 2\n').tables)).toEqual([['a', 2]])
    expect(samplesOf(parser.parse('up {x="1"} 1\nup {x="2"}1\na 2\n').tables)).toEqual([
      ['up{x="1"}', 1],
      ['up{x="2"}', 1],
      ['a', 2],
    ])
  }
})

test('a NUL in a label value makes no series the one of another', () => {
  const { tables } = parse('a{x="1\0",y="2"} 1\nb{x="1",y="\u00002"} 2\n')
  expect(samplesOf(tables)).toEqual([
    ['a{x="1\ufffd",y="2"}', 1],
    ['b{x="1",y="\ufffd2"}', 2],
  ])
})

test('a label name without end is not told in full', () => {
  const reason = complaintAbout(`a{${'n'.repeat(100_000)}}`)
  expect(reason).toBe(`no = follows the label ${'n'.repeat(64)}...`)
})

test('both samples of a series that is there twice come out', () => {
  const parser = createExpositionParser()
  for (let i = 0; i < 3; i++) {
    expect(samplesOf(parser.parse('a 1\na 2\nb 3\n').tables)).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ])
    expect(samplesOf(parser.parse('a 1\nb 3\n').tables)).toEqual([
      ['a', 1],
      ['b', 3],
    ])
  }
})

describe('fuzz', { timeout: 30_000 }, () => {
  const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,5}$/)
  const label = fc.stringMatching(/^l[a-c]{1,2}$/)
  const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll(/[\r\0]/g, '').toWellFormed())
  const value = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(NaN, Infinity, -Infinity))
  const sample = fc.record({ name, labels: fc.dictionary(label, text, { maxKeys: 3 }), value })

  test('what formatExposition writes is read back', () => {
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const tables = samples.map((one) => ({
          metrics: [one.name],
          labelNames: Object.keys(one.labels).sort(),
          rows: [
            {
              labels: Object.entries(one.labels)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([, v]) => v),
              values: [one.value],
            },
          ],
        }))
        const written = formatExposition([{ labels: {}, tables }])
        const read = parse(written)
        expect(read.badLines).toBe(0)
        // Of two samples of a series the first is written.
        const wanted = new Map([...samplesOf(tables)].reverse())
        expect(new Map([...sampleMap(read.tables)].sort())).toEqual(new Map([...wanted].sort()))
      }),
    )
  })

  test('what was read before makes no difference', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'a 1',
        'a 2',
        'b{x="1"} 1',
        'b{x="1"}2',
        'b{x="2"} 2',
        'a  3',
        'a 1 5',
        'c{x="} "} 1',
        'a',
        'a x',
        'a {x="1"}1',
        '# c',
        '',
        'b{x="1"} NaN',
        'b {x="1"} 4',
        'a 0x1',
        'b{x="1"} 1\r',
      ),
      fc.string({
        unit: fc.constantFrom('a', '{', '}', '"', 'x', '=', ' ', '1', '\\', ',', '#', '\t', '.', 'é'),
      }),
    )
    const exposition = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'))
    const outcome = (read: () => Exposition): unknown => {
      try {
        const { tables, ...counts } = read()
        return { ...counts, read: samplesOf(tables) }
      } catch (error) {
        return error instanceof PgherdError ? error.message : error
      }
    }
    fc.assert(
      fc.property(fc.array(exposition, { minLength: 2, maxLength: 6 }), (expositions) => {
        const parser = createExpositionParser({ sampleLimit: 5 })
        for (const one of expositions) {
          const fresh = outcome(() => createExpositionParser({ sampleLimit: 5 }).parse(one))
          expect(outcome(() => parser.parse(one))).toEqual(fresh)
        }
      }),
      { numRuns: 5000 },
    )
  })

  test('no text makes it throw anything but BAD_DATA, or take long', () => {
    const unit = fc.oneof(
      fc.constantFrom('a{x="', '"} 1', '\n', ' ', '\t', '#', '}', '\\', '0', '9.', 'e', '# {'),
      fc.string({ unit: 'binary', maxLength: 2 }),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), (parts) => {
        try {
          parse(parts.join(''))
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_DATA' })
        }
      }),
      { numRuns: 2000 },
    )
    for (const part of [
      '9',
      '9.',
      ' ',
      '\t ',
      '}',
      '} ',
      '\\',
      '"',
      ',',
      'a=',
      'a="",',
      '{',
      '#',
      '# {} ',
      '1 ',
    ]) {
      for (const before of ['a ', 'a{', 'a{x="', 'a 1 ', 'a 1 # {', 'a 1 # {}', '']) {
        const startedMs = performance.now()
        parse(`ok 1\n${before}${part.repeat(200_000 / part.length)}x`)
        expect(performance.now() - startedMs, JSON.stringify(before + part)).toBeLessThan(500)
      }
    }
  })
})
