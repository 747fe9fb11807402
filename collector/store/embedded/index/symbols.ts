/** Every distinct label name and value once, as a small integer. The empty string is always symbol 0. */
export interface Symbols {
  readonly ids: Map<string, number>
  readonly texts: string[]
}

export const emptySymbol = 0

export function createSymbols(): Symbols {
  return { ids: new Map([['', emptySymbol]]), texts: [''] }
}

export function symbolOf(symbols: Symbols, text: string): number {
  const known = symbols.ids.get(text)
  if (known !== undefined) return known
  const id = symbols.texts.length
  symbols.ids.set(text, id)
  symbols.texts.push(text)
  return id
}
