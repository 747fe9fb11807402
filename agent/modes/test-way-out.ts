import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hidePassword } from '../../common/config/kinds.ts'
import { messageOf, systemCodeOf } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import type { TestReport } from './test-report.ts'

const timeoutMs = 5_000

/** Whether the spool can be written, without opening it: the agent may be running. */
export async function testDirectory(directory: string, report: TestReport): Promise<void> {
  for (let path = directory; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK | constants.X_OK)
      report.good(path === directory ? `spool ${directory}` : `spool ${directory} can be created in ${path}`)
      return
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT' && path !== dirname(path)) continue
      report.bad(`spool ${directory}: ${messageOf(error)}`)
      return
    }
  }
}

/** Whether somebody answers there; what he answers to an empty request says nothing about a full one. */
export async function testReceiver(url: string, what: string, report: TestReport): Promise<void> {
  using http = createHttpClient({ connections: 1 })
  try {
    const { status } = await http.send({ method: 'GET', url, timeoutMs, maxAnswerBytes: 64 * 1024 })
    report.good(`${what} at ${hidePassword(url)} answers (status ${status} to a GET)`)
  } catch (error) {
    report.bad(`${what} at ${hidePassword(url)}: ${messageOf(error)}`)
  }
}
