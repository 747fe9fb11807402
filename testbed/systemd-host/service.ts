import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { waitFor } from '../wait.ts'
import type { SystemdHost } from './systemd-host.ts'

const journalLine = z.record(z.string(), z.unknown())
type JournalLine = z.infer<typeof journalLine>

/** A service of a host, as systemd tells of it. */
export interface Service {
  readonly name: string
  /** @throws Error when it does not succeed, quoting what it printed */
  systemctl(verb: string, ...options: readonly string[]): Promise<string>
  /** As `systemctl show` has it: `property('ActiveState')`. */
  property(name: string): Promise<string>
  /** Its main process, as the host numbers it; 0 while there is none. */
  mainPid(): Promise<number>
  /** Waits until a property has a value. */
  reaches(property: string, value: string | RegExp, timeoutMs?: number): Promise<void>
  /** Lines of the journal that it or systemd wrote about it, oldest first. */
  journal(...matches: readonly string[]): Promise<readonly JournalLine[]>
  /** Settings over those of the unit: `override('WatchdogSec=2')`; without any the unit is as it was installed. */
  override(...settings: readonly string[]): Promise<void>
}

/** @param name with its ending: `pgherd-agent.service` */
export function serviceOf(host: SystemdHost, name: string): Service {
  const systemctl = (verb: string, ...options: readonly string[]): Promise<string> =>
    host.mustRun('systemctl', [verb, ...options, name], { timeoutMs: 120_000 })
  const service: Service = {
    name,
    systemctl,
    property: async (property) => (await systemctl('show', `--property=${property}`, '--value')).trimEnd(),
    mainPid: async () => Number(await service.property('MainPID')),
    async reaches(property, value, timeoutMs = 20_000) {
      let found = ''
      let lines: readonly JournalLine[] = []
      const isReached = async (): Promise<boolean> => {
        found = await service.property(property)
        return typeof value === 'string' ? found === value : value.test(found)
      }
      try {
        await waitFor(`${property} of ${name} to be ${String(value)}`, isReached, {
          timeoutMs,
          explain: () => `it is ${found}`,
        })
      } catch (error) {
        lines = await service.journal()
        const text = lines.slice(-15).map((line) => String(line['MESSAGE']))
        throw new Error(`${String(error)}\n${text.join('\n')}`, { cause: error })
      }
    },
    async journal(...matches) {
      await host.mustRun('journalctl', ['--sync'])
      const text = await host.mustRun('journalctl', ['--output=json', '--all', '--unit', name, ...matches])
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => journalLine.parse(JSON.parse(line)))
    },
    async override(...settings) {
      const directory = host.path(`/etc/systemd/system/${name}.d`)
      if (settings.length === 0) rmSync(directory, { recursive: true, force: true })
      else {
        mkdirSync(directory, { recursive: true })
        writeFileSync(`${directory}/drill.conf`, ['[Service]', ...settings, ''].join('\n'))
      }
      await host.mustRun('systemctl', ['daemon-reload'])
    },
  }
  return service
}
