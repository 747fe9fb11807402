/**
 * The collector with 1,000 agents on real WebSockets over mutual TLS: `npm run bench:channel [-- agents]`. Measures what an idle
 * agent costs in memory, how long a `ping` to all of them takes until every answer is stored, and how a fleet comes back after a
 * restart of the collector. Figures are of this machine and this run; simulator and collector share its processors.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createKey, requestCertificate } from '../agent/trust/certificate-request.ts'
import { commandsAnswer, sentCommands } from '../common/command/command-view.ts'
import { printOperatorKey } from '../common/command/operator-key.ts'
import { generateSigningKey } from '../common/command/private-key.ts'
import { signCommand } from '../common/command/sign.ts'
import { createHttpClient } from '../common/http-client.ts'
import type { HttpClient } from '../common/http-client.ts'
import { channelPath } from '../common/wire/channel.ts'
import { joinAnswer, joinPath } from '../common/wire/join.ts'
import { commandPayloadAt } from '../testbed/command-payload.ts'
import { startCollector } from '../testbed/pgherd.ts'
import type { CollectorProcess } from '../testbed/pgherd.ts'
import { freePort } from '../testbed/ports.ts'
import { runCommand } from '../testbed/run-command.ts'
import type { SimulatorOrder } from './channel/simulator.ts'
import { cpuSeconds } from './collector/process-figures.ts'

const agents = Number(process.argv[2] ?? 1_000)
const rounds = 5
const processes = 2
const nodes = Array.from({ length: agents }, (_, i) => `pg-fleet-${i + 1}`)
const operator = generateSigningKey('bench')
const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-channel-'))
const children: ChildProcess[] = []
using http = createHttpClient({ connections: 8 })

try {
  await bench()
} finally {
  for (const child of children) child.disconnect()
  rmSync(directory, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const port = await freePort()
  const store = join(directory, 'store')
  const collectorProgram = fileURLToPath(new URL('../collector/main.ts', import.meta.url))
  await runCommand(process.execPath, [collectorProgram, 'init', '--store-directory', store])
  await using collector = await startCollector({
    directory,
    extraConfig: { 'http.listen': `127.0.0.1:${port}`, 'rules.files': [] },
  })
  const key = createKey()
  const ca = readFileSync(join(store, 'trust', 'ca.pem'), 'utf8')
  using secure = createHttpClient({ connections: 8, tls: { ca } })
  const joined = await joinAll(
    collector,
    (body) => post(`https://127.0.0.1:${port}${joinPath}`, body, secure),
    key,
  )
  await sleep(3_000)
  const before = await memoryOf(collector)
  console.log(`without agents: ${show(before)}`)

  const connecting = performance.now()
  startSimulators(joined, { url: `wss://127.0.0.1:${port}${channelPath}`, key })
  await untilConnected(collector)
  console.log(`${agents} agents connected in ${seconds(connecting)} s (TLS with client certificates)`)
  await sleep(20_000)
  const after = await memoryOf(collector)
  console.log(`with ${agents} idle agents: ${show(after)}`)
  const perAgent = (what: 'resident' | 'heap') => ((after[what] - before[what]) / agents / 1024).toFixed(1)
  console.log(
    `per idle agent: ${perAgent('resident')} KiB resident, ${perAgent('heap')} KiB of heap (bar: 100)`,
  )

  for (let round = 1; round <= rounds; round++) await fanOut(collector, round)
  console.log(`after ${rounds * agents} commands: ${show(await memoryOf(collector))}`)

  const cpuBefore = performance.now()
  await collector.stop()
  await collector.start()
  const ready = performance.now()
  await untilConnected(collector)
  console.log(
    `restart: ready after ${((ready - cpuBefore) / 1000).toFixed(1)} s, all agents back ${seconds(ready)} s later, ` +
      `${cpuSeconds(collector.pid).toFixed(1)} s of processor time since the start`,
  )
  await fanOut(collector, rounds + 1)
}

/** Every node gets its certificate as a real one does: a join token against a request. */
async function joinAll(collector: CollectorProcess, ask: (body: object) => Promise<unknown>, key: string) {
  const joined: (SimulatorOrder['agents'][number] & { readonly ca: string })[] = []
  const waiting = [...nodes]
  const joinOne = async () => {
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const offer = await post(`${collector.url}/api/v1/nodes/${node}/join-token`, { lifetime_ms: 3_600_000 })
      const { token } = (offer as { data: { token: string } }).data
      const body = { token, csr: requestCertificate(node, key) }
      const { data } = joinAnswer.parse(await ask(body))
      joined.push({ node, certificate: data.certificate, ca: data.ca })
    }
  }
  await Promise.all(Array.from({ length: 8 }, joinOne))
  return joined
}

function startSimulators(
  joined: Awaited<ReturnType<typeof joinAll>>,
  { url, key }: { readonly url: string; readonly key: string },
): void {
  const ca = joined[0]?.ca ?? ''
  for (let i = 0; i < processes; i++) {
    const child = fork(fileURLToPath(new URL('channel/simulator.ts', import.meta.url)))
    children.push(child)
    const order: SimulatorOrder = {
      url,
      ca,
      key,
      operator: printOperatorKey(operator),
      agents: joined.filter((_one, at) => at % processes === i),
    }
    child.send(order)
  }
}

async function fanOut(collector: CollectorProcess, round: number): Promise<void> {
  const commands = nodes.map((node) =>
    signCommand(commandPayloadAt(Date.now(), { node, operator: operator.name }), operator),
  )
  const cpu = cpuSeconds(collector.pid)
  const started = performance.now()
  const sent = sentCommands.parse(await post(`${collector.url}/api/v1/commands`, { commands })).data
  const accepted = performance.now()
  const open = new Set(sent.map(({ id, error }) => (error === null && id !== null ? id : fail(error ?? ''))))
  let after = 0
  while (open.size > 0) {
    const body = { ids: [...open], after, timeout_ms: 10_000 }
    const { data } = commandsAnswer.parse(await post(`${collector.url}/api/v1/commands/wait`, body))
    if (data.length === 0) fail(`${open.size} of ${agents} agents did not answer`)
    for (const { id, state, version, result } of data) {
      after = Math.max(after, version)
      if (result === null) continue
      if (state !== 'done') fail(`${id}: ${state}`)
      open.delete(id)
    }
  }
  console.log(
    `ping to ${agents}, round ${round}: kept after ${((accepted - started) / 1000).toFixed(2)} s, ` +
      `all answers stored and seen after ${seconds(started)} s (bar: 2), ` +
      `${(cpuSeconds(collector.pid) - cpu).toFixed(2)} s of the collector's processor time`,
  )
}

async function post(url: string, body: unknown, client: HttpClient = http): Promise<unknown> {
  const answer = await client.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    timeoutMs: 60_000,
    maxAnswerBytes: 64 << 20,
  })
  const text = new TextDecoder().decode(answer.body)
  if (answer.status !== 200) fail(`${new URL(url).pathname}: ${answer.status} ${text}`)
  return JSON.parse(text) as unknown
}

async function metric(collector: CollectorProcess, name: string): Promise<number> {
  const text = await (await fetch(`${collector.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

async function untilConnected(collector: CollectorProcess): Promise<void> {
  while ((await metric(collector, 'pgherd_nodes_connected')) < agents) await sleep(100)
}

/** The least of some moments: what is there besides garbage. Bytes. */
async function memoryOf(collector: CollectorProcess): Promise<{ resident: number; heap: number }> {
  let heap = Infinity
  let resident = Infinity
  for (let i = 0; i < 20; i++) {
    heap = Math.min(heap, await metric(collector, 'nodejs_heap_size_used_bytes'))
    resident = Math.min(resident, collector.residentBytes())
    await sleep(250)
  }
  return { resident, heap }
}

function show({ resident, heap }: { resident: number; heap: number }): string {
  return `${(resident / 2 ** 20).toFixed(0)} MiB resident, ${(heap / 2 ** 20).toFixed(1)} MiB of heap`
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2)
}

function fail(message: string): never {
  throw new Error(message)
}
