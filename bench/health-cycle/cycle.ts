/**
 * A health cycle alone in its process: prints as JSON what it took in each of some windows of ten cycles. Arguments: configuration
 * file, seconds.
 */
import { readFileSync } from 'node:fs'
import { agentProgram } from '../../agent/config.ts'
import { createHealthWatch } from '../../agent/health-watch.ts'
import { systemClock } from '../../common/clock.ts'
import { loadConfig } from '../../common/config/load-config.ts'

const [file = '', seconds = '60'] = process.argv.slice(2)
/** The heap has its size then. */
const warmUpMs = 25_000
const windowMs = 10_000
const { config, problems } = loadConfig(agentProgram.table, {
  file: { name: file, text: readFileSync(file, 'utf8') },
  environment: {},
  environmentPrefix: agentProgram.environmentPrefix,
  flags: new Map(),
})
const health = config === undefined ? undefined : createHealthWatch(config, systemClock)
if (health === undefined) throw new Error(`nothing to watch: ${problems.join('; ')}`)
const over = new AbortController()
const running = health.run(over.signal)
await systemClock.sleep(warmUpMs)
const windows: { readonly user: number; readonly system: number }[] = []
for (let i = 0; i < Number(seconds) * 1_000; i += windowMs) {
  const before = process.cpuUsage()
  await systemClock.sleep(windowMs)
  windows.push(process.cpuUsage(before))
}
const [report] = health.all()
over.abort()
await running
process.stdout.write(
  JSON.stringify({
    windows,
    members: report?.patroni?.members.length ?? 0,
    etcd: report?.etcd[0]?.isHealthy ?? null,
  }),
)
