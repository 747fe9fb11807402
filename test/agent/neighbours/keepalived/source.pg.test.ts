import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDump } from '../../../../agent/neighbours/keepalived/dump.ts'
import type { VrrpInstance } from '../../../../agent/neighbours/keepalived/instance.ts'
import { findKeepalived } from '../../../../agent/neighbours/keepalived/process.ts'
import type { KeepalivedProcess } from '../../../../agent/neighbours/keepalived/process.ts'
import { createKeepalivedSource } from '../../../../agent/neighbours/keepalived/source.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import type { SampleTable } from '../../../../common/series/sample-table.ts'
import { vrrpCounters } from '../../../../agent/neighbours/keepalived/instance.ts'
import { roundAt } from '../probing.ts'
import { obstacle, startKeepalived, vip } from './keepalived-in-namespace.ts'
import type { NamespacedKeepalived } from './keepalived-in-namespace.ts'

describe.skipIf(obstacle !== undefined)(
  `a real keepalived${obstacle === undefined ? '' : ` (${obstacle})`}`,
  () => {
    let keepalived: NamespacedKeepalived

    beforeAll(async () => {
      keepalived = await startKeepalived()
      chmodSync(keepalived.directory, 0o755)
      await keepalived.child.waitFor('keepalived to be master', async () =>
        (await keepalived.addresses()).includes(vip),
      )
    })
    afterAll(async () => {
      await keepalived[Symbol.asyncDispose]()
    })

    test('its instance is measured, with the address that it gave to this host', async () => {
      const { up, samples, heard } = await keepalived.measure()
      expect([up, heard]).toEqual([true, []])
      expect(samples.get('keepalived_up')).toBe(1)
      expect(
        samples.get(`keepalived_vrrp_state{iname="VI_1",intf="veth0",ip_address="${vip}",vrid="51"}`),
      ).toBe(2)
      expect(samples.get('keepalived_become_master_total{iname="VI_1",intf="veth0",vrid="51"}')).toBe(1)
      const sent = samples.get('keepalived_advertisements_sent_total{iname="VI_1",intf="veth0",vrid="51"}')
      expect(sent).toBeGreaterThan(0)
      expect(
        samples.get('keepalived_vrrp_advert_sent{intf="veth0",name="VI_1",state="MASTER",vrid="51"}'),
      ).toBe(sent)
      const names = [...samples.keys()].map((series) => series.replace(/\{.*/, ''))
      for (const [key, total] of vrrpCounters) {
        expect(names).toContain(`keepalived_vrrp_${key}`)
        expect(names).toContain(`keepalived_${total}`)
      }
      expect(samples.get(`pgherd_vip_owned{vip="${vip}"}`)).toBe(1)
      expect(samples.get('pgherd_vip_owned{vip="10.77.9.200"}')).toBe(0)
    })

    test('a second measurement has newer figures', async () => {
      const sent = 'keepalived_advertisements_sent_total{iname="VI_1",intf="veth0",vrid="51"}'
      const before = (await keepalived.measure()).samples.get(sent)!
      await keepalived.child.waitFor('another advertisement', async () => {
        return (await keepalived.measure()).samples.get(sent)! > before
      })
    })

    describe('what somebody else has put in the place of its dump is neither written nor read', () => {
      test.each([
        ['a link', (at: string, victim: string) => symlinkSync(victim, at)],
        ['another name of a file', (at: string, victim: string) => linkSync(victim, at)],
        ['a pipe', (at: string) => void execFileSync('mkfifo', [at])],
        [
          'a file of another user',
          (at: string, victim: string) => {
            copyFileSync(victim, at)
            chownSync(at, 65534, 65534)
          },
        ],
      ])('%s', async (_, put) => {
        const { pid } = await findKeepalived([keepalived.pidFile])
        const tmp = `/proc/${pid}/root/tmp`
        const [dump, victim] = [`${tmp}/keepalived.json`, `${tmp}/victim`]
        rmSync(dump, { force: true })
        writeFileSync(victim, 'unharmed')
        put(dump, victim)
        const { up, heard } = await keepalived.measure()
        expect([up, heard]).toEqual([
          false,
          [
            "warn neighbours: keepalived cannot be measured: a dump file is no plain file of keepalived's user up to 4194304 bytes",
          ],
        ])
        expect(readFileSync(victim, 'utf8')).toBe('unharmed')
        rmSync(dump)
        rmSync(victim)
        expect((await keepalived.measure()).up).toBe(true)
      })
    })

    test('figures that are given again are the very same tables', async () => {
      const source = createKeepalivedSource({
        labelsFor: () => ({}),
        pidFiles: [keepalived.pidFile],
        clock: systemClock,
        log: silentLog,
      })
      const vrrp = async (atMs: number): Promise<readonly SampleTable[]> =>
        (await source.measure(roundAt(atMs))).tables.filter(({ labelNames }) => labelNames.includes('vrid'))
      const [first, second, third] = [await vrrp(0), await vrrp(10_000), await vrrp(30_000)]
      expect(first).toHaveLength(3)
      for (const [i, table] of first.entries()) {
        expect(second[i]).toBe(table)
        expect(third[i]).not.toBe(table)
      }
    })

    test('one that was built without JSON is read as text', async () => {
      const found = await findKeepalived([keepalived.pidFile])
      const read = (handles: KeepalivedProcess['handles']): Promise<readonly VrrpInstance[]> =>
        readDump({ ...found, handles }, '/tmp/keepalived', { timeoutMs: 5000, clock: systemClock })
      const [fromText] = await read((signal) => signal !== 36 && found.handles(signal))
      const [fromJson] = await read(found.handles)
      expect({ ...fromText, counters: [...fromText!.counters.keys()].sort() }).toEqual({
        ...fromJson,
        counters: [...fromJson!.counters.keys()].sort(),
      })
      expect(fromText!.counters.get('advert_sent')).toBeGreaterThan(0)
      await expect(read(() => false)).rejects.toThrow('takes none of the signals')
    })

    test('a user who may not ask it is told so, and still told who has the addresses', async () => {
      const { up, samples, heard } = await keepalived.measure({ user: 65534 })
      expect(up).toBe(false)
      expect(heard).toEqual([
        'warn neighbours: keepalived cannot be measured: user 65534 may not send it a signal: keepalived tells its state to its own user only, mostly root',
      ])
      expect([...samples]).toEqual([
        ['keepalived_up', 0],
        ['pgherd_vip_owned{vip="10.77.9.200"}', 0],
      ])
    })

    test.each([
      ['no process', '999999999', 'keepalived does not run'],
      ['no number', 'x', 'holds no process id'],
      ['a process that is not keepalived', String(process.pid), 'keepalived does not run'],
    ])('a pid file of %s is no reason to send a signal', async (name, content, complaint) => {
      const pidFile = join(keepalived.directory, `${name.replaceAll(' ', '-')}.pid`)
      writeFileSync(pidFile, content)
      const { up, heard } = await keepalived.measure({ pidFile })
      expect([up, heard.length, heard[0]]).toEqual([false, 1, expect.stringContaining(complaint)])
    })
  },
)
