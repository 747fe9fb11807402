import { describe, expect, test } from 'vitest'
import { parseDemoArguments } from '../../demo/arguments.ts'

const ignore = (): void => undefined

describe('the arguments of the demo', () => {
  test('without any it stays up, measures every ten seconds and listens on 8432', () => {
    expect(parseDemoArguments([], ignore)).toEqual({ forMs: undefined, intervalMs: 10_000, port: 8432 })
  })

  test('each can be given', () => {
    expect(parseDemoArguments(['--for', '1m30s', '--interval=2s', '--port', '9000'], ignore)).toEqual({
      forMs: 90_000,
      intervalMs: 2_000,
      port: 9000,
    })
  })

  test('--help prints the options and starts nothing', () => {
    const printed: string[] = []
    expect(parseDemoArguments(['--help'], (text) => printed.push(text))).toBeUndefined()
    expect(printed.join('\n')).toMatch(/--for <duration>[\s\S]*--interval <duration>[\s\S]*--port <number>/)
  })

  test.each([
    [['--for', 'soon'], /^--for: was soon; allowed: a duration from 5s to 7d/],
    [['--for', '20s'], /^--for: was 20s; allowed: at least 3 intervals, which is 30s/],
    [['--interval', '10ms'], /^--interval: was 10ms; allowed: a duration from 1s to 1m/],
    [['--port', '0'], /^--port: was 0; allowed: a whole number from 1 to 65535/],
    [['--port', '65536'], /^--port: was 65536;/],
    [['--port', '80x'], /^--port: was 80x;/],
    [['--colour'], /unknown option '--colour'/],
    [['now'], /too many arguments/],
    [['--for'], /argument missing/],
  ])('%j is refused with one line and exit status 2', (argv, message) => {
    const parse = (): unknown => parseDemoArguments(argv, ignore)
    expect(parse).toThrow(message)
    expect(parse).toThrow(expect.objectContaining({ code: 'USAGE', exit: 2 }))
    expect(parse).toThrow(/^[^\n]+$/)
  })
})
