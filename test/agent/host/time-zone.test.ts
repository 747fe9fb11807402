import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { zoneTimeAt } from '../../../agent/host/time-zone.ts'

const zoneinfo = '/usr/share/zoneinfo'

/** What ICU says: the parts of local time, put together as if they were of UTC. */
function offsetByIcu(zone: string, ms: number): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const local = Date.UTC(
    part['year']!,
    part['month']! - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  )
  return (local - ms) / 1000
}

describe.skipIf(!existsSync(`${zoneinfo}/Europe/Berlin`))('the time zones of this machine', () => {
  test.each([
    'Africa/Cairo',
    'America/New_York',
    'America/St_Johns',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
    'Australia/Sydney',
    'Europe/Berlin',
    'Europe/Dublin',
    'Pacific/Chatham',
    'UTC',
  ])('%s is as far from UTC as ICU says, in the past and in the future', (zone) => {
    const file = readFileSync(`${zoneinfo}/${zone}`)
    const dayMs = 86_400_000
    const different: string[] = []
    // 23 h 17 min apart, so that the hours of a change are met.
    for (let ms = Date.UTC(2015, 0, 1); ms < Date.UTC(2040, 0, 1); ms += 9 * dayMs - 2_580_000) {
      const { offsetSeconds } = zoneTimeAt(file, ms / 1000)
      if (offsetSeconds !== offsetByIcu(zone, ms)) different.push(new Date(ms).toISOString())
    }
    expect(different).toEqual([])
  })

  test('names change with the season', () => {
    const file = readFileSync(`${zoneinfo}/Europe/Berlin`)
    expect(zoneTimeAt(file, Date.UTC(2045, 0, 1) / 1000)).toEqual({ name: 'CET', offsetSeconds: 3600 })
    expect(zoneTimeAt(file, Date.UTC(2045, 6, 1) / 1000)).toEqual({ name: 'CEST', offsetSeconds: 7200 })
    expect(zoneTimeAt(file, Date.UTC(2010, 6, 1) / 1000)).toEqual({ name: 'CEST', offsetSeconds: 7200 })
  })

  test('the change is at its second', () => {
    const file = readFileSync(`${zoneinfo}/Europe/Berlin`)
    const change = Date.UTC(2045, 2, 26, 1) / 1000
    expect(zoneTimeAt(file, change - 1).name).toBe('CET')
    expect(zoneTimeAt(file, change).name).toBe('CEST')
  })

  test('a file that is cut anywhere gives some time, and none is UTC', () => {
    const file = readFileSync(`${zoneinfo}/Europe/Berlin`)
    for (let end = 0; end < file.length; end += 7) {
      expect(zoneTimeAt(file.subarray(0, end), 2e9).offsetSeconds).toSatisfy(Number.isFinite)
    }
    expect(zoneTimeAt(undefined, 0)).toEqual({ name: 'UTC', offsetSeconds: 0 })
    expect(zoneTimeAt(Buffer.from('no such file at all, but long enough to be one'), 0).name).toBe('UTC')
  })
})
