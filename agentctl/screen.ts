import type { ReadStream, WriteStream } from 'node:tty'

/** A terminal that is written over as a whole, and left as it was found. */
export interface Screen extends Disposable {
  readonly width: number
  /** Lines. */
  readonly height: number
  /** Shows these lines and nothing else; those that do not fit are not shown. */
  draw(lines: readonly string[]): void
}

/** The keys that are told by name; others come as the characters that they are. */
export type Key = 'interrupt' | 'resize' | (string & {})

// Sequences of xterm (invisible-island.net/xterm/ctlseqs): the alternate screen, the cursor, and what is erased.
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const eraseLine = '\u001b[K'
const eraseBelow = '\u001b[J'

/**
 * Takes over the terminal, if there is one to write to and one to read keys from.
 * @param onKey also told when somebody wants the program to end, and when the size has changed
 */
export function openScreen(
  stdin: ReadStream,
  stdout: WriteStream,
  onKey: (key: Key) => void,
): Screen | undefined {
  if (!stdout.isTTY || !stdin.isTTY) return undefined
  const onData = (bytes: Buffer): void => {
    const text = bytes.toString('utf8')
    // In raw mode ^C and ^D are keys like others.
    onKey(text === '\u0003' || text === '\u0004' ? 'interrupt' : text)
  }
  const onResize = (): void => onKey('resize')
  const onSignal = (): void => onKey('interrupt')
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const
  for (const signal of signals) process.on(signal, onSignal)
  stdin.setRawMode(true)
  stdin.on('data', onData)
  stdin.resume()
  stdout.on('resize', onResize)
  stdout.write(enter)
  return {
    get width() {
      return stdout.columns
    },
    get height() {
      return stdout.rows
    },
    draw(lines) {
      const shown = lines.slice(0, stdout.rows).map((line) => `${line}${eraseLine}`)
      stdout.write(`${home}${shown.join('\r\n')}${eraseBelow}`)
    },
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal)
      stdin.off('data', onData)
      stdout.off('resize', onResize)
      stdin.setRawMode(false)
      stdin.pause()
      stdout.write(leave)
    },
  }
}
