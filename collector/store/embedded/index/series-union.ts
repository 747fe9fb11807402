import { labelsOf } from './series-columns.ts'
import type { SeriesColumns } from './series-columns.ts'
import { createSeriesTable, internSymbols } from './series-table.ts'
import { symbolOf } from './symbols.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'

/** The series of several tables under numbers of their own: equal label sets have the same one. */
export interface SeriesUnion {
  idOf(table: SeriesColumns, ref: number): number
  labelsOf(id: number): LabelSet
}

/** Symbols of one table in the union, plus 1; 0 is not translated yet. */
type Translation = Uint32Array | Map<number, number>

/** Tables with more texts than this stay in a map: of a large block few series may be wanted. */
const manyTexts = 1 << 16
/** Until so many symbols were translated it is not worth to have room for all of them. */
const fewSymbols = 256

/** @param isSingle all refs will be of one table: then they are the numbers */
export function createSeriesUnion(isSingle = false): SeriesUnion {
  return isSingle ? unionOfOne() : unionOfMany()
}

function unionOfOne(): SeriesUnion {
  let only: SeriesColumns | undefined
  return {
    idOf(table, ref) {
      only = table
      return ref
    },
    labelsOf: (id) => (only === undefined ? [] : labelsOf(only, id)),
  }
}

function unionOfMany(): SeriesUnion {
  const union = createSeriesTable(false)
  const translations = new WeakMap<SeriesColumns, Translation>()
  let scratch = new Uint32Array(64)
  // The chunks of a series come one after the other.
  let last: { readonly table: SeriesColumns; readonly ref: number; readonly id: number } | undefined
  const translate = ({ symbols }: SeriesColumns, symbol: number, translation: Translation): number => {
    const known = translation instanceof Map ? (translation.get(symbol) ?? 0) : translation[symbol]!
    if (known > 0) return known - 1
    const translated = symbolOf(union.symbols, symbols.texts[symbol]!)
    if (translation instanceof Map) translation.set(symbol, translated + 1)
    else translation[symbol] = translated + 1
    return translated
  }
  return {
    idOf(table, ref) {
      if (last?.table === table && last.ref === ref) return last.id
      let translation = translations.get(table)
      const texts = table.symbols.texts.length
      if (translation === undefined) {
        translations.set(table, (translation = new Map<number, number>()))
      } else if (isTooSmall(translation, texts)) {
        // The head gets new texts while a query takes turns with ingestion.
        translations.set(table, (translation = widened(translation, texts)))
      }
      const start = table.starts[ref]!
      const length = table.starts[ref + 1]! - start
      if (length > scratch.length) scratch = new Uint32Array(length * 2)
      for (let i = 0; i < length; i++) scratch[i] = translate(table, table.pool[start + i]!, translation)
      const id = internSymbols(union, scratch, 0, length)
      last = { table, ref, id }
      return id
    },
    labelsOf: (id) => labelsOf(union, id),
  }
}

function isTooSmall(translation: Translation, texts: number): boolean {
  if (translation instanceof Map) return translation.size > fewSymbols && texts <= manyTexts
  return translation.length < texts
}

/** With room for each of the texts. */
function widened(translation: Translation, texts: number): Uint32Array {
  const all = new Uint32Array(texts)
  if (translation instanceof Map) for (const [symbol, translated] of translation) all[symbol] = translated
  else all.set(translation)
  return all
}
