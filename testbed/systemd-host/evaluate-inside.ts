import { waitFor } from '../wait.ts'
import type { Service } from './service.ts'
import type { SystemdHost } from './systemd-host.ts'

/** Node's inspector, which SIGUSR1 opens in any program of it on the loopback of its host. */
const client = `
const [{ webSocketDebuggerUrl }] = await (await fetch(process.argv[2] + '/list')).json()
const socket = new WebSocket(webSocketDebuggerUrl)
socket.onopen = () => socket.send(process.argv[1])
socket.onmessage = ({ data }) => {
  const { result: { result, exceptionDetails } } = JSON.parse(data)
  if (exceptionDetails !== undefined) console.error(exceptionDetails.exception.description)
  else console.log(JSON.stringify(result.value ?? null))
  process.exitCode = exceptionDetails === undefined ? 0 : 1
  socket.close()
}
`

/**
 * Has a service of ours compute an expression of JavaScript, in its sandbox and with nothing added to the program.
 * @param port of its inspector (Node's --inspect-port), where two programs of the host have one open
 * @returns its value, which can be written as JSON
 * @throws Error when it throws, with what it says
 */
export async function evaluateInside(
  host: SystemdHost,
  service: Service,
  expression: string,
  port = 9229,
): Promise<unknown> {
  const url = `http://127.0.0.1:${port}/json`
  await service.systemctl('kill', '--kill-whom=main', '--signal=USR1')
  const pid = await service.mainPid()
  const isIt = `if (process.pid !== ${pid}) throw new Error('the inspector is that of process ' + process.pid)`
  const node = '/usr/lib/pgherd/agent/bin/node'
  const isOpen = async (): Promise<boolean> =>
    (await host.run('curl', ['--silent', '--fail', `${url}/version`])).status === 0
  await waitFor('the inspector', isOpen)
  const params = { expression: `${isIt}; ${expression}`, returnByValue: true, awaitPromise: true }
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params })
  const text = await host.mustRun(node, ['--input-type=module', '--eval', client, message, url])
  return JSON.parse(text) as unknown
}
