import { describe, expect, test } from 'vitest'
import { chooseDiskClass } from '../../../../agent/tuning/detect/choose-disk-class.ts'
import type { DiskClass } from '../../../../agent/tuning/recommend/machine.ts'

const device = (diskClass: DiskClass) => ({ diskClass, why: 'its model' })
const latency = (ms: number) => ({ ms, reads: 25_000, from: 'pg_stat_io' })
const chosen = (of: Partial<Parameters<typeof chooseDiskClass>[0]>) =>
  chooseDiskClass({ said: null, latency: undefined, device: undefined, ...of })

describe('the class of a disk', () => {
  test('is what somebody says, whatever else is known', () => {
    expect(chosen({ said: 'ssd', latency: latency(9), device: device('hdd') })).toMatchObject({
      diskClass: 'ssd',
    })
  })

  test.each<[number, DiskClass]>([
    [0.2, 'nvme'],
    [0.49, 'nvme'],
    [0.5, 'ssd'],
    [1.99, 'ssd'],
    [2, 'san'],
    [5, 'hdd'],
    [12, 'hdd'],
  ])('is told by reads of %d ms before the device is asked', (ms, diskClass) => {
    expect(chosen({ latency: latency(ms), device: device('unknown') })).toEqual({
      diskClass,
      why: `25,000 reads took ${ms < 1 ? ms.toFixed(2) : ms.toFixed(1)} ms in the mean`,
      from: 'pg_stat_io',
    })
  })

  test('is told by the device where the cache of the kernel answers', () => {
    const { diskClass, why } = chosen({ latency: latency(0.02), device: device('san') })
    expect(diskClass).toBe('san')
    expect(why).toBe(
      "its model; 25,000 reads took 0.02 ms in the mean, which is the kernel's cache and not the disk",
    )
  })

  test('is told by the device where nothing was measured, and is unknown without one', () => {
    expect(chosen({ device: device('nvme') })).toEqual({ diskClass: 'nvme', why: 'its model', from: '/sys' })
    expect(chosen({}).diskClass).toBe('unknown')
  })

  test('that is known not to rotate is not a rotating one, however slow it is', () => {
    const { diskClass, note } = chosen({ latency: latency(8), device: device('nvme') })
    expect(diskClass).toBe('san')
    expect(note).toContain('local NVMe (its model), but 25,000 reads took 8.0 ms')
  })

  test('comes with a note where the device says something else', () => {
    expect(chosen({ latency: latency(0.3), device: device('san') }).note).toContain(
      'it is taken for local NVMe',
    )
    expect(chosen({ latency: latency(0.3), device: device('nvme') }).note).toBeUndefined()
  })
})
