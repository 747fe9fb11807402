import { PgherdError } from '../common/errors.ts'
import type { CliContext } from './context.ts'

/**
 * Lets a person type the name of what he is about to change; `--yes` and its like answer beforehand.
 * @throws PgherdError REFUSED when it was not typed, also where there is nobody to ask
 */
export async function confirmByName(
  context: CliContext,
  { name, what, yes }: { readonly name: string; readonly what: string; readonly yes: boolean },
): Promise<void> {
  if (yes) return
  const typed = await context.ask(`${what}\nType ${name} to go on: `)
  if (typed === undefined) {
    throw new PgherdError('REFUSED', `${what} Nobody is there to confirm it; allowed: --yes`)
  }
  if (typed.trim() !== name) throw new PgherdError('REFUSED', 'not confirmed; nothing was done')
}
