import { describe, expect, test } from 'vitest'
import { memoryPressure } from '../../../../../agent/tuning/rules/memory/memory-pressure.ts'
import { GB } from '../../recommend/some-machine.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const said = (of: MadeUp) => saidBy(memoryPressure, { ...of, settings: { work_mem: '64MB', ...of.settings } })
const short = { memoryAvailableBytes: 3 * GB }

describe('what says that memory is short', () => {
  test('less than 5 % is available', () => {
    expect(said({ host: { memoryAvailableBytes: 3.2 * GB } })).toEqual(silent)
    expect(said({ host: short }).reasons[0]).toContain('3GB of 64GB are available')
  })

  test('so it was all the time', () => {
    expect(said({ gauges: { 'host.memory_available_share': 0.05 } })).toEqual(silent)
    expect(said({ gauges: { 'host.memory_available_share': 0.04 } }).reasons[0]).toContain(
      '4 % of it is available',
    )
  })

  test('pages are swapped in at the peak', () => {
    expect(said({ counters: { 'host.swapped_in_pages': 0 } })).toEqual(silent)
    const peaks = { 'host.swapped_in_pages': 2 }
    expect(said({ counters: { 'host.swapped_in_pages': 1000 }, peaks }).reasons[0]).toContain(
      '2.0 pages a second are swapped in at the peak',
    )
  })

  test('something waits for it more than 10 % of a minute, now or in the window', () => {
    expect(said({ host: { memoryPressurePercent: 10 } })).toEqual(silent)
    expect(said({ host: { memoryPressurePercent: 11 } })).not.toEqual(silent)
    expect(said({ gauges: { 'host.memory_pressure': 12 } }).reasons[0]).toContain('12 % of a minute')
  })

  test('its cgroup is at its limit, and somebody waits for that', () => {
    expect(said({ host: { memoryLimitEvents: 500 } })).toEqual(silent)
    expect(said({ host: { memoryLimitEvents: 500, memoryPressurePercent: 2 } })).not.toEqual(silent)
  })

  test('more than 90 % are promised, where no more than there is may be promised', () => {
    const promised = { committedBytes: 91 * GB, commitLimitBytes: 100 * GB }
    const strict = new Map([['vm.overcommit_memory', '2']])
    expect(said({ host: promised })).toEqual(silent)
    expect(said({ host: { ...promised, sysctls: strict } })).not.toEqual(silent)
    expect(said({ host: { ...promised, committedBytes: 90 * GB, sysctls: strict } })).toEqual(silent)
  })
})

describe('what gives some back', () => {
  test('work_mem first, a half of it', () => {
    expect(said({ host: short }).values).toEqual({ work_mem: '32MB' })
    expect(said({ host: short, settings: { work_mem: '8MB' } }).values).toEqual({ work_mem: '4MB' })
  })

  test('then autovacuum_work_mem, also where it is that of maintenance', () => {
    const least = { work_mem: '4MB', maintenance_work_mem: '1GB' }
    expect(said({ host: short, settings: least }).values).toEqual({ autovacuum_work_mem: '512MB' })
    expect(said({ host: short, settings: { ...least, autovacuum_work_mem: '48MB' } }).values).toEqual({
      autovacuum_work_mem: '32MB',
    })
  })

  test('at last shared_buffers, down to a quarter of the memory', () => {
    const least = { work_mem: '4MB', autovacuum_work_mem: '32MB', shared_buffers: '6GB' }
    expect(said({ host: short, settings: least }).values).toEqual({ shared_buffers: '4GB' })
  })

  test('when nothing is left it says so', () => {
    const least = { work_mem: '4MB', autovacuum_work_mem: '32MB', shared_buffers: '4GB' }
    const { values, notes } = said({ host: short, settings: least })
    expect(values).toEqual({})
    expect(notes[0]).toContain('no setting of the server is left')
  })

  test('nothing of it takes memory, and everything else has to wait', () => {
    const { drafts, notes } = memoryPressure.advise(inputOf({ host: short, settings: { work_mem: '8MB' } }))
    expect(drafts.map(({ takesMemory }) => takesMemory)).toEqual([false])
    expect(notes[0]).toContain('nothing that takes more memory is proposed until that is over')
  })
})
