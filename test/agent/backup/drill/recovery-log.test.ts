import { describe, expect, test } from 'vitest'
import { emptyRecoveryLog, withLine } from '../../../../agent/backup/drill/recovery-log.ts'
import type { RecoveryLog } from '../../../../agent/backup/drill/recovery-log.ts'

const read = (...texts: readonly string[]): RecoveryLog =>
  texts
    .map((text) => (/^[A-Z]+: {2}/.test(text) ? `2026-11-27 09:48:58.193 UTC [12626] ${text}` : text))
    .reduce(withLine, emptyRecoveryLog)

describe('what a log says of a recovery', () => {
  test('how far the archive was read', () => {
    const log = read(
      'LOG:  restored log file "000000010000000000000002" from archive',
      'LOG:  restored log file "00000002.history" from archive',
      'LOG:  restored log file "000000010000000000000003" from archive',
    )

    expect(log.restoredSegment).toBe('000000010000000000000003')
  })

  test.each([
    [
      'recovery stopping before commit of transaction 740, time 2026-11-27 09:48:29.015614+00',
      { xid: '740', lsn: null, atMs: Date.UTC(2026, 10, 27, 9, 48, 29, 15) },
    ],
    [
      'recovery stopping after abort of transaction 740, time 2026-11-27 11:48:29+02',
      { xid: '740', lsn: null, atMs: Date.UTC(2026, 10, 27, 9, 48, 29) },
    ],
    ['recovery stopping before WAL location (LSN) "0/3000060"', { xid: null, lsn: '0/3000060', atMs: null }],
    ['recovery stopping after reaching consistency', { xid: null, lsn: null, atMs: null }],
  ])('that it met its target: %s', (text, expected) => {
    expect(read(`LOG:  ${text}`).stop).toEqual({ text, ...expected })
  })

  test('that it waits at the target', () => {
    const stop = 'LOG:  recovery stopping after reaching consistency'

    expect(read(stop, 'LOG:  pausing at the end of recovery').isPaused).toBe(true)
    expect(read(stop, 'LOG:  recovery has paused').isPaused).toBe(true)
  })

  test('a pause before the target is none at the target', () => {
    expect(read('LOG:  recovery has paused').isPaused).toBe(false)
  })

  test('which settings are too low, in the words of each version', () => {
    const now = read(
      'WARNING:  hot standby is not possible because of insufficient parameter settings',
      'DETAIL:  max_connections = 20 is a lower setting than on the primary server, where its value was 200.',
    )
    const before14 = read(
      'FATAL:  hot standby is not possible because max_connections = 20 is a lower setting than on the master server (its value was 200)',
    )

    expect([...now.tooLow]).toEqual([['max_connections', 200]])
    expect([...before14.tooLow]).toEqual([['max_connections', 200]])
  })

  test('what ended it, with the explanation', () => {
    const log = read('FATAL:  no', 'DETAIL:  Why.', 'LOG:  database system is shut down')

    expect(log.fatal).toEqual(['no', 'Why.'])
  })

  test('nobody is told that it ended by one who connected too early', () => {
    expect(read('FATAL:  the database system is starting up').fatal).toEqual([])
  })

  test('what the command for the archive complained about', () => {
    const line = 'ERROR: [049]: unable to connect to s3.example.com:443'

    expect(read(`P00  ${line}`).archiveError).toContain(line)
  })
})
