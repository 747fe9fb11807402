import { PgherdError } from '../common/errors.ts'
import { displayWidth, padded } from './display-width.ts'
import type { CliContext } from './context.ts'
import { printable } from './terminal.ts'

/** How often what follows is asked for. */
const everyMs = 2_000

/**
 * Asks for what has been added and prints it, until ^C. A collector that is away is waited for.
 * @param ask the new items in order
 */
export async function followTail<Item>(
  context: CliContext,
  ask: () => Promise<readonly Item[]>,
  print: (items: readonly Item[]) => void,
): Promise<void> {
  const { clock, signal } = context
  let isAway = false
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    await clock.sleep(everyMs, signal)
    if (isOver()) return
    try {
      const items = await ask()
      isAway = false
      if (items.length > 0) print(items)
    } catch (error) {
      if (!(error instanceof PgherdError) || !error.retry) throw error
      if (!isAway) context.warn(`${error.message}; waiting for it`)
      isAway = true
    }
  }
}

/** Lines that come one after the other and still stand in columns: each is as wide as the widest so far. */
export function createAligner(): (cells: readonly string[]) => string {
  const widths: number[] = []
  return (cells) =>
    cells
      .map((cell, i) => {
        const shown = printable(cell)
        const width = Math.max(widths[i] ?? 0, displayWidth(shown))
        widths[i] = width
        return i === cells.length - 1 ? shown : padded(shown, width)
      })
      .join('  ')
      .trimEnd()
}
