import { readCanonical } from '../../common/command/canonical-json.ts'
import { commandPayload } from '../../common/command/payload.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { PgherdError } from '../../common/errors.ts'

/**
 * What a command says, read as its agent will read it: nothing that the collector says about it counts.
 * @param id the command that was asked for
 * @throws PgherdError BAD_DATA where the text is none that an agent takes, REFUSED where it is another command
 */
export function readSigned({ payload }: SignedCommand, id: string): CommandPayload {
  const reading = readCanonical(payload)
  if (!reading.ok)
    throw new PgherdError('BAD_DATA', `what is to be signed cannot be read: ${reading.problem}`)
  const parsed = commandPayload.safeParse(reading.value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') ?? ''
    throw new PgherdError('BAD_DATA', `what is to be signed is malformed: ${where} ${issue?.message ?? ''}`)
  }
  if (parsed.data.id === id) return parsed.data
  throw new PgherdError(
    'REFUSED',
    `the collector shows another command (${parsed.data.id}) in place of ${id}`,
  )
}
