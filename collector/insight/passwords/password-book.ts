import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import { defaultPasswordsReport } from '../../../common/insight/default-passwords.ts'
import type { DefaultPassword } from '../../../common/insight/default-passwords.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import type { InsightBook } from '../book.ts'

/** Makes events of what agents have found of well-known passwords, and of what is mended. */
export function createPasswordBook(add: (event: NewEvent) => void): InsightBook {
  return {
    topic: 'default-passwords',
    take({ body, server, cluster }) {
      const told = defaultPasswordsReport.safeParse(body)
      if (!told.success)
        throw new PgherdError('BAD_DATA', `default-passwords: ${z.prettifyError(told.error)}`)
      const tell = (text: string): void =>
        add({ type: 'default-password', node: server, cluster, text, command: null })
      for (const one of told.data.found) {
        tell(`${nameOf(one)} is one of the ${one.set}, which everybody may know: change ${one.setting}`)
      }
      for (const one of told.data.gone) tell(`${nameOf(one)} is no longer one of the ${one.set}`)
    },
  }
}

function nameOf({ service, address, user }: DefaultPassword): string {
  return user === ''
    ? `the secret of ${service} in ${address}`
    : `the password of ${user} at ${service} ${address}`
}
