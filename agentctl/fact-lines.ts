import { displayWidth, padded } from './display-width.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './terminal.ts'

/** Prints names and what they are, one line each, in two columns; those without a text are left out. */
export function printFacts(
  terminal: Terminal,
  facts: readonly (readonly [name: string, text: string | undefined])[],
): void {
  const shown = facts.filter(([, text]) => text !== undefined && text !== '')
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(printable(name))))
  for (const [name, text] of shown) {
    terminal.print(`${padded(printable(name), width)}  ${printable(text ?? '')}`)
  }
}
