import { expect, test } from 'vitest'
import { compileGoLayout } from '../../../../collector/ingest/import/go-layout.ts'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import { createRecordingStore, nowMs } from '../recording-store.ts'
import { linesInto } from './lines-into.ts'

async function read(text: string, format: string) {
  const store = createRecordingStore()
  await linesInto(createIngest(store.options), 'csv', text, { query: `format=${encodeURIComponent(format)}` })
  return store.appends.flat()
}

const quotes = '2:metric:ask,3:metric:bid,1:label:ticker,4:label:market'

test('columns are metrics and labels', async () => {
  expect(await read('GOOG,1.23,4.56,NYSE\n"A ""B"", C",,-1,\r\n', quotes)).toEqual([
    { metric: '__name__ ask market NYSE ticker GOOG', value: 1.23, timestamp: nowMs },
    { metric: '__name__ bid market NYSE ticker GOOG', value: 4.56, timestamp: nowMs },
    { metric: '__name__ bid ticker A "B", C', value: -1, timestamp: nowMs },
  ])
})

test.each([
  ['unix_s', '1700000000.5', 1_700_000_000_500],
  ['unix_ms', '1700000000123', 1_700_000_000_123],
  ['unix_us', '1700000000123456', 1_700_000_000_123],
  ['unix_ns', '1700000000123456789', 1_700_000_000_123],
  ['rfc3339', '2023-11-14T22:13:20.5Z', 1_700_000_000_500],
  ['rfc3339', '2023-11-15T00:13:20+02:00', 1_700_000_000_000],
  ['custom:2006-01-02 15:04:05.999Z', '2023-11-14 22:13:20.25Z', 1_700_000_000_250],
])('a time of %s', async (format, cell, expected) => {
  expect(await read(`1,${cell}`, `1:metric:m,2:time:${format}`)).toMatchObject([{ timestamp: expected }])
})

test.each([
  ['Mon Jan _2 15:04:05 2006', 'Tue Nov 14 22:13:20 2023', 1_700_000_000_000],
  ['Monday, 02-Jan-06 15:04:05 MST', 'Tuesday, 14-Nov-23 22:13:20 GMT', 1_700_000_000_000],
  ['1/2/2006 3:04:05 PM -0700', '11/15/2023 12:13:20 AM +0200', 1_700_000_000_000],
  ['20060102150405', '20231114221320', 1_700_000_000_000],
  ['January 2, 2006', 'November 14, 2023', 1_699_920_000_000],
  ['2006-01-02', '2023-02-30', undefined],
  ['2006-01-02', '2023-1-1', undefined],
])('the layout %s reads %s', (layout, text, expected) => {
  expect(compileGoLayout(layout)?.(text)).toBe(expected)
})

test('a first line of names is a heading, any other is bad', async () => {
  expect(await read('ticker,ask,bid,market\nGOOG,1,2,NYSE', quotes)).toHaveLength(2)
  await expect(read('GOOG,1,2,NYSE\nticker,ask,bid,market', quotes)).rejects.toMatchObject({
    message: 'line 2: column 2 is no number; 1 of 2 lines could not be read; 2 samples were stored',
  })
})

test.each([
  ['GOOG,1', 'there are 2 columns, and 4 in the format'],
  ['"GOOG,1,2,NYSE', 'a quote does not end'],
  ['GOOG,1,x,NYSE', 'column 3 is no number'],
])('%s: %s', async (line, reason) => {
  await expect(read(line, quotes)).rejects.toMatchObject({
    message: expect.stringContaining(`line 1: ${reason}`) as string,
  })
})

test.each([
  '',
  'x',
  '2:metrc:ask',
  '0:metric:m',
  '1:metric:',
  '1:label:l',
  '1:metric:m,2:time:never',
  '1:metric:m,2:time:custom:15:04',
  '1:metric:m,2:time:unix_s,3:time:unix_s',
])('the format "%s" is refused', async (format) => {
  await expect(read('1,2,3', format)).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('invalid parameter "format"') as string,
  })
})
