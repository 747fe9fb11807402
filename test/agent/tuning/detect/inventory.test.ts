import { expect, test } from 'vitest'
import { readInventory } from '../../../../agent/tuning/detect/inventory.ts'
import { systemClock } from '../../../../common/clock.ts'
import { filesOf } from './made-host.ts'

const { signal } = new AbortController()

test('what a host is made of is told by its firmware and its distribution', async () => {
  const files = filesOf({
    'sys/class/dmi/id/sys_vendor': 'Dell Inc.\n',
    'sys/class/dmi/id/product_name': 'PowerEdge R640\n',
    'etc/os-release': 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n',
    'proc/sys/kernel/osrelease': '6.12.48\n',
  })
  expect(await readInventory(files, systemClock, signal)).toMatchObject({
    system: 'Dell Inc. PowerEdge R640',
    operatingSystem: 'Debian GNU/Linux 13 (trixie), kernel 6.12.48',
    processor: expect.stringMatching(/\d sockets?, \d+ cores?, \d+ threads?$/) as string,
  })
})

test('a program that does not answer is waited for no longer than the limit', async () => {
  const hasty = { ...systemClock, sleep: () => Promise.resolve() }
  expect(await readInventory(filesOf({}), hasty, signal)).toEqual({
    system: null,
    processor: null,
    modules: null,
    operatingSystem: null,
  })
})
