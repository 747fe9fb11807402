import { expect, test } from 'vitest'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import { createRecordingStore, nowMs } from '../recording-store.ts'
import { linesInto } from './lines-into.ts'

async function read(line: string, query = '') {
  const store = createRecordingStore()
  await linesInto(createIngest(store.options), 'influx', line, { query })
  return store.appends.flat()
}

// The series are those that VictoriaMetrics 1.79 made of the same lines.
test.each<[string, string, [string, number][]]>([
  [
    'cpu,host=a user=1,system=2i',
    '',
    [
      ['__name__ cpu_user host a', 1],
      ['__name__ cpu_system host a', 2],
    ],
  ],
  ['cpu,host=a user=1', 'db=mydb', [['__name__ cpu_user db mydb host a', 1]]],
  ['cpu,db=own user=1', 'db=mydb', [['__name__ cpu_user db own', 1]]],
  ['cpu user=1', 'bucket=b&org=o', [['__name__ cpu_user db b', 1]]],
  [',x=y b=1', '', [['__name__ b x y', 1]]],
  [
    'm f1=t,f2=F,f3="a \\"text\\", x=1",f4=3u,f5=-1.5e3',
    '',
    [
      ['__name__ m_f1', 1],
      ['__name__ m_f2', 0],
      ['__name__ m_f3', 0],
      ['__name__ m_f4', 3],
      ['__name__ m_f5', -1500],
    ],
  ],
  ['m\\ eas\\,4,ta\\=g=v\\ al f\\ 1=1', 'db=mydb', [['__name__ m eas,4_f 1 db mydb ta=g v al', 1]]],
  ['m,empty=,t=v f=1\r', '', [['__name__ m_f t v', 1]]],
])('%s', async (line, query, expected) => {
  expect((await read(line, query)).map(({ metric, value }) => [metric, value])).toEqual(expected)
})

test.each([
  ['', '1700000000123456789', 1_700_000_000_123],
  ['', '1700000000123456', 1_700_000_000_123],
  ['', '1700000000123', 1_700_000_000_123],
  ['', '1700000000', 1_700_000_000_000],
  ['', '0', nowMs],
  ['', '', nowMs],
  ['ns', '1700000000123999999', 1_700_000_000_123],
  ['ns', '1000000', 1],
  ['us', '1700000000123456', 1_700_000_000_123],
  ['ms', '5', 5],
  ['s', '5', 5000],
  ['m', '5', 300_000],
  ['h', '-1', -3_600_000],
])('with precision "%s" the time %s is %d', async (precision, time, expected) => {
  expect(await read(`m f=1 ${time}`, `precision=${precision}`)).toMatchObject([{ timestamp: expected }])
})

test.each([
  ['m', 'there are no fields'],
  ['m f', 'a field has no value'],
  ['m f=', 'a field has no value'],
  ['m =1', 'a field has no name'],
  ['m f=1,g', 'a field has no value'],
  ['m f="x', 'a text does not end'],
  ['m f="x"y', 'something follows a text'],
  ['m f=abc', 'the value abc is none'],
  ['m f=1 now', 'the timestamp is no integer'],
  ['bad line here', 'a field has no value'],
])('%s: %s', async (line, reason) => {
  await expect(read(`ok f=1\n${line}`)).rejects.toMatchObject({
    message: `line 2: ${reason}; 1 of 2 lines could not be read; 1 samples were stored`,
  })
})

test('comments and empty lines are nothing', async () => {
  expect(await read('# a comment\n\n  \nm f=1')).toHaveLength(1)
})

test('a precision that is none is refused', async () => {
  await expect(read('m f=1', 'precision=d')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a series that comes again is looked up once', async () => {
  const store = createRecordingStore()
  await linesInto(createIngest(store.options), 'influx', 'm,a=b f=1,g=2\nm,a=b f=3,g=4\n')
  expect(store.lookups()).toBe(2)
})
