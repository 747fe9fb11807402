import { describe, expect, test } from 'vitest'
import { parseInfo } from '../../../common/backup/pgbackrest-info.ts'

const db = (more: string): string =>
  `[{"archive":[],"backup":[],"db":[{"id":1,"repo-key":1,${more}"version":"15"}],"name":"pg-main","status":{"code":2}}]`

describe('the answer of pgbackrest info', () => {
  test('has system identifiers to the last digit, which as numbers of JSON would be rounded', () => {
    const [stanza] = parseInfo(db('"system-id":7711329716599362802,'))
    expect(stanza?.db[0]?.['system-id']).toBe('7711329716599362802')
  })

  test('has none in versions that do not tell it', () => {
    const [stanza] = parseInfo(db(''))
    expect(stanza?.db[0]?.['system-id']).toBeUndefined()
  })

  test('keeps a message that only looks like one', () => {
    const message = 'he said "system-id":1 and left'
    const text = JSON.stringify([{ name: 'pg-main', status: { code: 99, message } }])
    expect(parseInfo(text)[0]?.status.message).toBe(message)
  })

  test('that is no JSON is bad data', () => {
    expect(() => parseInfo('ERROR')).toThrow(expect.objectContaining({ code: 'BAD_DATA' }))
  })
})
