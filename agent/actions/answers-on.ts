import { connect } from 'node:net'

/** Whether anybody takes a connection there within `timeoutMs`; a hung server does, too. */
export function answersOn(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const end = (answers: boolean) => () => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false))
  })
}
